package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs the largest batch of the longest texts, as many at a time as a run does: limits of the model and of memory show
 * before the first document.
 */
final class WarmUp {
    private WarmUp() {}

    /**
     * Tries a model out.
     *
     * @param texts of a batch, when all are of the greatest length
     * @param calls at a time
     */
    static void run(TextModel model, Path file, OnnxEmbedder spec, int texts, int calls) {
        try {
            tryOut(model, 1, spec.maxTokens());
        } catch (InferenceTimeoutException e) {
            // A shorter text would be tried for as long.
            throw new SpecificationException(
                    "the model %s cannot embed a text of %d tokens (%s): use a model without such loops"
                            .formatted(file, spec.maxTokens(), e.getMessage()),
                    e);
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
            tryOutSideBySide(model, texts, spec.maxTokens(), calls);
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

    private static void tryOutSideBySide(TextModel model, int texts, int tokens, int calls) throws OrtException {
        List<Callable<Void>> tries = Collections.nCopies(calls, () -> {
            tryOut(model, texts, tokens);
            return null;
        });
        try (ExecutorService threads = Executors.newFixedThreadPool(calls)) {
            for (Future<Void> call : threads.invokeAll(tries)) {
                call.get();
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case OrtException refused -> throw refused;
                case RuntimeException unexpected -> throw unexpected;
                case Error fatal -> throw fatal;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while the model was tried out", e);
        }
    }

    private static void tryOut(TextModel model, int texts, int tokens) throws OrtException {
        model.<Void, RuntimeException>run(Collections.nCopies(texts, new int[tokens]), (rows, longest) -> null);
    }
}
