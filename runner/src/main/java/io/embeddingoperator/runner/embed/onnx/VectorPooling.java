package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.v1alpha1.Pooling;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Makes a text's vector from the rows that a model gave. The loops are plain, so that the compiler vectorises them. */
final class VectorPooling {
    private final List<Pooling> pooling;
    private final ModelOutput output;
    private final int promptTokens;

    /**
     * A pooling of a model's rows.
     *
     * @param pooling one, or several whose vectors are put one behind another
     * @param promptTokens at the beginning of each text that only the first and last token's poolings see
     */
    VectorPooling(List<Pooling> pooling, ModelOutput output, int promptTokens) {
        this.pooling = List.copyOf(pooling);
        this.output = output;
        this.promptTokens = promptTokens;
    }

    /** Numbers of a vector. */
    int dimensions() {
        return output.pooled() ? output.dimensions() : output.dimensions() * pooling.size();
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
        if (pooling.size() == 1) {
            return pooled(pooling.getFirst(), rows, first, tokens);
        }
        float[] vector = new float[dimensions()];
        for (int part = 0; part < pooling.size(); part++) {
            float[] pooled = pooled(pooling.get(part), rows, first, tokens);
            System.arraycopy(pooled, 0, vector, part * pooled.length, pooled.length);
        }
        return vector;
    }

    private float[] pooled(Pooling kind, MemorySegment rows, long first, int tokens) {
        int from = Math.min(promptTokens, tokens - 1);
        return switch (kind) {
            case CLS -> row(rows, first);
            case LastToken -> row(rows, first + tokens - 1);
            case Mean -> mean(rows, first, from, tokens);
            case MeanSqrtLength -> scaled(mean(rows, first, from, tokens), (float) Math.sqrt(tokens - from));
            case WeightedMean -> weightedMean(rows, first, from, tokens);
            case Max -> max(rows, first, from, tokens);
        };
    }

    private float[] row(MemorySegment rows, long row) {
        float[] vector = new float[output.dimensions()];
        output.format().read(rows, row, vector);
        return vector;
    }

    private float[] mean(MemorySegment rows, long first, int from, int tokens) {
        float[] mean = row(rows, first + from);
        float[] row = new float[mean.length];
        for (int token = from + 1; token < tokens; token++) {
            output.format().read(rows, first + token, row);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i];
            }
        }
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= tokens - from;
        }
        return mean;
    }

    private float[] weightedMean(MemorySegment rows, long first, int from, int tokens) {
        float[] mean = new float[output.dimensions()];
        float[] row = new float[mean.length];
        float weights = 0;
        for (int token = from; token < tokens; token++) {
            output.format().read(rows, first + token, row);
            float weight = token + 1;
            weights += weight;
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i] * weight;
            }
        }
        return scaled(mean, 1 / weights);
    }

    private float[] max(MemorySegment rows, long first, int from, int tokens) {
        float[] max = row(rows, first + from);
        float[] row = new float[max.length];
        for (int token = from + 1; token < tokens; token++) {
            output.format().read(rows, first + token, row);
            for (int i = 0; i < max.length; i++) {
                max[i] = Math.max(max[i], row[i]);
            }
        }
        return max;
    }

    private static float[] scaled(float[] vector, float factor) {
        for (int i = 0; i < vector.length; i++) {
            vector[i] *= factor;
        }
        return vector;
    }
}
