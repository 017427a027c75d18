package io.embeddingoperator.runner.embed.onnx;

/** The length of a vector, summed in double so that no finite vector overflows or vanishes. */
final class UnitLength {
    private UnitLength() {}

    /** Sum of squares; not finite exactly when a value of the vector is not. */
    static double squared(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return sum;
    }

    /** Scales a finite vector to length 1, in place; a zero vector has no direction and stays zero. */
    static void scale(float[] vector, double squared) {
        if (squared == 0) {
            return;
        }
        double factor = 1 / Math.sqrt(squared);
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] * factor);
        }
    }
}
