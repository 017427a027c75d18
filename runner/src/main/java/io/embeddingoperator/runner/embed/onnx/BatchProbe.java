package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import java.util.List;

/**
 * Finds out whether a text's vector depends on what shares its batch: where a model has no attention mask, or quantises in a way
 * that padding changes.
 */
final class BatchProbe {
    /** A text's vector with and without padding; other arithmetic of the same numbers was never measured below 0.99999. */
    private static final double LEAST_COSINE = 0.9999;

    private static final String SHORT = "The river runs low.";
    private static final String LONG =
            "In the summer the farmer walks along the bank of the river, which runs low, and counts 3 "
                    + "horses, 12 cows and a dog; in winter, when it runs high again, he stays at home.";

    private final TextModel model;
    private final VectorPooling pooling;
    private final ModelTokenizer tokenizer;

    BatchProbe(TextModel model, VectorPooling pooling, ModelTokenizer tokenizer) {
        this.model = model;
        this.pooling = pooling;
        this.tokenizer = tokenizer;
    }

    /** Whether texts must run alone. A model that fails here is refused where it is tried out. */
    boolean findsDependence() {
        int[] text = tokenizer.tokenize(SHORT).ids();
        int[] longer = tokenizer.tokenize(LONG).ids();
        try {
            return text.length < longer.length
                    && cosine(first(List.of(text)), first(List.of(text, longer))) < LEAST_COSINE;
        } catch (OrtException e) {
            return false;
        }
    }

    private float[] first(List<int[]> texts) throws OrtException {
        return model.<float[], RuntimeException>run(
                texts, (rows, longest) -> pooling.vector(rows, 0, texts.getFirst().length, longest));
    }

    /** 1 where one of them has no direction or is not finite, which says nothing here. */
    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
        }
        double cosine = dot / Math.sqrt(UnitLength.squared(a) * UnitLength.squared(b));
        return Double.isFinite(cosine) ? cosine : 1;
    }
}
