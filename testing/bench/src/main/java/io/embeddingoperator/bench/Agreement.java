package io.embeddingoperator.bench;

import java.util.List;

/** Whether two contenders did the same work: how near their vectors of the same texts are. */
final class Agreement {
    private Agreement() {}

    /** The least cosine of two vectors of the same text. */
    static double leastCosine(List<float[]> some, List<float[]> others) {
        double least = 1;
        for (int i = 0; i < some.size(); i++) {
            least = Math.min(least, cosine(some.get(i), others.get(i)));
        }
        return least;
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aSquared = 0;
        double bSquared = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aSquared += (double) a[i] * a[i];
            bSquared += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aSquared * bSquared);
    }
}
