package io.embeddingoperator.openai.simulator.embedding;

import java.nio.charset.StandardCharsets;

/**
 * The vectors that the simulator answers with: unit vectors that follow from model, text and dimensions alone, so that a test
 * can tell for every row of a table whether it is the embedding of its text. As with OpenAI's models, fewer dimensions are the
 * beginning of the full vector, made a unit vector again.
 */
public final class SimulatedVectors {
    static final double UNITS = 1e9;
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double TO_PLUS_MINUS_ONE = 0x1.0p-31;

    private SimulatedVectors() {}

    public static float[] vector(String model, String text, int dimensions) {
        return vector(TextHash.of(model, text.getBytes(StandardCharsets.UTF_8)), dimensions);
    }

    static float[] vector(long seed, int dimensions) {
        float[] vector = new float[dimensions];
        long[] units = units(seed, dimensions);
        for (int place = 0; place < dimensions; place++) {
            vector[place] = value(units[place]);
        }
        return vector;
    }

    /** Billionths are what both forms of a reply are made of: written with nine digits, they are the floats of base64. */
    static float value(long units) {
        return (float) (units / UNITS);
    }

    static long[] units(long seed, int dimensions) {
        double[] values = new double[dimensions];
        double squares = 0;
        long state = seed;
        for (int place = 0; place < dimensions; place++) {
            state += GOLDEN_GAMMA;
            double value = (int) (mixed(state) >> 32) * TO_PLUS_MINUS_ONE;
            values[place] = value;
            squares += value * value;
        }
        double factor = UNITS / Math.sqrt(Math.max(squares, Double.MIN_NORMAL));
        long[] units = new long[dimensions];
        for (int place = 0; place < dimensions; place++) {
            units[place] = Math.round(values[place] * factor);
        }
        return units;
    }

    /** The finalizer of SplitMix64. */
    private static long mixed(long state) {
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
