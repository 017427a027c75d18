package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.TensorInfo;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A tensor's type and shape in words. */
final class TensorShape {
    private TensorShape() {}

    /** For example {@code float [batch, sequence, 384]}. */
    static String describe(TensorInfo tensor) {
        long[] sizes = tensor.getShape();
        String[] names = tensor.getDimensionNames();
        return tensor.type.name().toLowerCase(Locale.ROOT)
                + IntStream.range(0, sizes.length)
                        .mapToObj(axis -> sizes[axis] >= 0 ? Long.toString(sizes[axis]) : nameOf(names, axis))
                        .collect(Collectors.joining(", ", " [", "]"));
    }

    private static String nameOf(String[] names, int axis) {
        return axis < names.length && !names[axis].isEmpty() ? names[axis] : "?";
    }
}
