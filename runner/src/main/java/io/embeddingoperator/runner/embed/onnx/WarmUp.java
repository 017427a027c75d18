package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;
import java.util.Collections;

/**
 * Runs the largest batch of the longest texts once: limits of the model and of memory show before the first
 * document.
 */
final class WarmUp {
    private WarmUp() {}

    /** @param texts of a batch, when all are of the greatest length */
    static void run(TextModel model, Path file, OnnxEmbedder spec, int texts) {
        try {
            tryOut(model, 1, spec.maxTokens());
        } catch (OrtException e) {
            throw new SpecificationException(
                    ("spec.embedder.onnx.maxTokens is %d, and the model %s fails with a text of that "
                                    + "length: use at most %d")
                            .formatted(spec.maxTokens(), file, longestThatWorks(model, spec.maxTokens())),
                    e);
        }
        if (texts == 1) {
            return;
        }
        try {
            tryOut(model, texts, spec.maxTokens());
        } catch (OrtException e) {
            throw new SpecificationException(
                    "a batch of %d texts of %d tokens fails (%s): lower spec.embedder.onnx.maxBatchTokens, which is %d"
                            .formatted(texts, spec.maxTokens(), Reason.of(e), spec.maxBatchTokens()),
                    e);
        }
    }

    private static int longestThatWorks(TextModel model, int failing) {
        int works = 0;
        int fails = failing;
        while (fails - works > 1) {
            int middle = works + (fails - works) / 2;
            try {
                tryOut(model, 1, middle);
                works = middle;
            } catch (OrtException e) {
                fails = middle;
            }
        }
        return works;
    }

    private static void tryOut(TextModel model, int texts, int tokens) throws OrtException {
        model.<Void, RuntimeException>run(Collections.nCopies(texts, new int[tokens]), (rows, longest) -> null);
    }
}
