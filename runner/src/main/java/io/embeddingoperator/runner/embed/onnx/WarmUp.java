package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.embed.onnx.settings.Stated;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs the largest batch of the longest texts, as many at a time as a run does: limits of the model and of memory show
 * before the first document.
 *
 * @param ids of the model's tokenizer: texts are made of the highest one, which a model of a smaller vocabulary does not know
 * @param maxTokens of one text
 */
record WarmUp(TextModel model, Path file, TokenIds ids, Stated<Integer> maxTokens) {
    private static final String FIELD = "spec.embedder.onnx.maxTokens";

    /** Shorter than what any model takes. */
    private static final int FEW_TOKENS = 4;

    /**
     * Tries a model out.
     *
     * @param texts of a batch, when all are of the greatest length
     * @param calls at a time
     */
    void run(OnnxEmbedder spec, int texts, int calls) {
        int most = maxTokens.value();
        try {
            refuseTokenizerOfAnotherModel();
            tryOut(1, most);
        } catch (InferenceTimeoutException e) {
            // A shorter text would be tried for as long.
            throw new SpecificationException(
                    "the model %s cannot embed a text of %d tokens (%s): use a model without such loops"
                            .formatted(file, most, e.getMessage()),
                    e);
        } catch (OrtException e) {
            throw new SpecificationException(
                    "%s is %d, and the model %s fails with a text of that length: set %s to at most %d"
                            .formatted(maxTokens.source(), most, file, FIELD, longestThatWorks()),
                    e);
        }
        if (texts == 1) {
            return;
        }
        try {
            tryOutSideBySide(texts, calls);
        } catch (OrtException e) {
            throw new SpecificationException(
                    "a batch of %d texts of %d tokens fails (%s): lower spec.embedder.onnx.maxBatchTokens, which is %d"
                            .formatted(texts, most, Reason.of(e), spec.maxBatchTokens()),
                    e);
        }
    }

    private void refuseTokenizerOfAnotherModel() throws InferenceTimeoutException {
        try {
            tryOut(1, FEW_TOKENS);
        } catch (InferenceTimeoutException e) {
            throw e;
        } catch (OrtException e) {
            throw new SpecificationException(
                    ("the model %s fails with token %d, which is the highest of its tokenizer.json (%s): copy the"
                                    + " tokenizer.json that the model was published with")
                            .formatted(file, ids.ordinary(), Reason.of(e)),
                    e);
        }
    }

    private int longestThatWorks() {
        int works = 0;
        int fails = maxTokens.value();
        while (fails - works > 1) {
            int middle = works + (fails - works) / 2;
            try {
                tryOut(1, middle);
                works = middle;
            } catch (OrtException e) {
                fails = middle;
            }
        }
        return works;
    }

    private void tryOutSideBySide(int texts, int calls) throws OrtException {
        List<Callable<Void>> tries = Collections.nCopies(calls, () -> {
            tryOut(texts, maxTokens.value());
            return null;
        });
        try (ExecutorService threads = Executors.newFixedThreadPool(calls)) {
            for (Future<Void> call : threads.invokeAll(tries)) {
                call.get();
            }
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause())) {
                case OrtException refused -> throw refused;
                case RuntimeException unexpected -> throw unexpected;
                case Error fatal -> throw fatal;
                case Throwable other -> throw new IllegalStateException(other);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while the model was tried out", e);
        }
    }

    private void tryOut(int texts, int tokens) throws OrtException {
        int[] text = new int[tokens];
        Arrays.fill(text, ids.ordinary());
        model.<Integer, RuntimeException>run(Collections.nCopies(texts, text), (_, longest) -> longest);
    }
}
