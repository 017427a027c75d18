package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a decoder that was exported for generating text wants beside tokens: keys and values of the tokens before, of which an
 * embedding has none, and whether there are any.
 *
 * @param sizes of the tensor; -1 stands for the number of texts
 */
record FixedInput(String name, OnnxJavaType type, List<Long> sizes) implements ModelInput {
    private static final Pattern PAST = Pattern.compile("past_key_values.*|past_(key|value).*");
    private static final String WITH_PAST = "use_cache_branch";
    private static final int PAST_DIMENSIONS = 4;
    private static final long PAST_TOKENS = 0;

    FixedInput {
        sizes = List.copyOf(sizes);
    }

    /** @return empty where it is neither */
    static Optional<FixedInput> of(String name, TensorInfo tensor) {
        long[] shape = tensor.getShape();
        if (name.equals(WITH_PAST) && tensor.type == OnnxJavaType.BOOL && shape.length == 1) {
            return Optional.of(new FixedInput(name, tensor.type, List.of(1L)));
        }
        if (!PAST.matcher(name).matches()
                || shape.length != PAST_DIMENSIONS
                || FloatFormat.of(tensor.type).isEmpty()
                || shape[1] < 1
                || shape[3] < 1) {
            return Optional.empty();
        }
        return Optional.of(new FixedInput(name, tensor.type, List.of(-1L, shape[1], PAST_TOKENS, shape[3])));
    }

    @Override
    public long[] shape(int texts, int longest) {
        return sizes.stream().mapToLong(size -> size < 0 ? texts : size).toArray();
    }

    @Override
    public void fill(ByteBuffer buffer, List<int[]> texts, int longest, RowFilling filling) {
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
        buffer.flip();
    }
}
