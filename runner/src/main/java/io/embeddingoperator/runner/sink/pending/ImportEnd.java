package io.embeddingoperator.runner.sink.pending;

import java.util.Map;
import java.util.Objects;

/**
 * How a batch ends for the documents that have no vectors from it. Reasons are sentences for the person who looks for a document, by
 * the document's ordinal within the batch.
 *
 * @param failed why the provider refused documents for their content: they are recorded as failed
 * @param undone why the line of documents failed for another reason: they wait for another batch, which counts as an attempt, of
 *     which a document has {@link #MAX_ATTEMPTS}
 * @param otherwise the reason of all others that are still pending in the batch, which wait for another batch as well
 * @param othersCount whether that counts as an attempt of theirs, too; not so where the provider never came to work on them
 */
public record ImportEnd(
        Map<Integer, String> failed, Map<Integer, String> undone, String otherwise, boolean othersCount) {
    /** A document that came back from so many batches without vectors is a failed one. */
    public static final int MAX_ATTEMPTS = 5;

    public ImportEnd {
        failed = Map.copyOf(failed);
        undone = Map.copyOf(undone);
        Objects.requireNonNull(otherwise, "otherwise");
    }
}
