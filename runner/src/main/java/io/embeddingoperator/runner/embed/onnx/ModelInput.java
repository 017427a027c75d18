package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OnnxJavaType;
import java.nio.ByteBuffer;
import java.util.List;

/** An input that a model has, and what the runner gives it. */
sealed interface ModelInput permits TokenInput, FixedInput {
    /** By which the model knows it. */
    String name();

    OnnxJavaType type();

    /** Of the tensor for a batch. */
    long[] shape(int texts, int longest);

    /** Lays a batch out in a buffer of exactly {@link #bytes}, in right-padded rows. */
    void fill(ByteBuffer buffer, List<int[]> texts, int longest, RowFilling filling);

    default int bytes(int texts, int longest) {
        int values = 1;
        for (long size : shape(texts, longest)) {
            values = Math.multiplyExact(values, Math.toIntExact(size));
        }
        return Math.multiplyExact(values, type().size);
    }
}
