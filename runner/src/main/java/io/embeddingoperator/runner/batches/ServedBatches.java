package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.failure.SpecificationException;

/** Asks a server whether it has batches, before anything is read, uploaded or paid for. */
public final class ServedBatches {
    private ServedBatches() {}

    /** @throws SpecificationException when it has none; every other fault is met again, and waited for, later */
    public static void check(OpenAiHttp http, BatchForm form) throws InterruptedException {
        try {
            http.get(form.path() + "?" + form.page(0, 1, ""));
        } catch (OpenAiException e) {
            if (e.failure() instanceof OpenAiFailure.NotFound) {
                throw new SpecificationException(without(e.getMessage()));
            }
        }
    }

    /** What to do about a server that has no batches. */
    static String without(String sentence) {
        return "%s: the server has no batches there: set spec.embedder.openai.mode to Realtime, or baseUrl to where it has them"
                .formatted(sentence);
    }
}
