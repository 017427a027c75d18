package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OnnxJavaType;
import java.nio.ByteBuffer;
import java.util.List;

/** A whole number a token, shape {@code [texts, tokens of the longest]}. */
record TokenInput(String name, InputRole role, OnnxJavaType type) implements ModelInput {
    @Override
    public long[] shape(int texts, int longest) {
        return new long[] {texts, longest};
    }

    @Override
    public void fill(ByteBuffer buffer, List<int[]> texts, int longest, RowFilling filling) {
        for (int[] ids : texts) {
            for (int position = 0; position < longest; position++) {
                long value = role.at(position, ids, filling);
                if (type == OnnxJavaType.INT64) {
                    buffer.putLong(value);
                } else {
                    buffer.putInt((int) value);
                }
            }
        }
        buffer.flip();
    }
}
