package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.v1alpha1.Pooling;
import java.lang.foreign.MemorySegment;

/** Makes a text's vector from the rows that a model gave. The loops are plain, so that the compiler vectorises them. */
final class VectorPooling {
    private final Pooling pooling;
    private final ModelOutput output;

    VectorPooling(Pooling pooling, ModelOutput output) {
        this.pooling = pooling;
        this.output = output;
    }

    /**
     * One text's vector, not normalised.
     *
     * @param text its place in the batch
     * @param tokens of the text, at least 1
     * @param longest tokens of the batch's longest text
     */
    float[] vector(MemorySegment rows, int text, int tokens, int longest) {
        if (output.pooled()) {
            return row(rows, text);
        }
        long first = (long) text * longest;
        return switch (pooling) {
            case CLS -> row(rows, first);
            case LastToken -> row(rows, first + tokens - 1);
            case Mean -> mean(rows, first, tokens);
        };
    }

    private float[] row(MemorySegment rows, long row) {
        float[] vector = new float[output.dimensions()];
        output.format().read(rows, row, vector);
        return vector;
    }

    private float[] mean(MemorySegment rows, long first, int tokens) {
        float[] mean = row(rows, first);
        float[] row = new float[mean.length];
        for (int token = 1; token < tokens; token++) {
            output.format().read(rows, first + token, row);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i];
            }
        }
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= tokens;
        }
        return mean;
    }
}
