package io.embeddingoperator.runner.sink.pending;

import java.util.List;
import java.util.Objects;

/**
 * How a batch ends for the documents that have no vectors from it.
 *
 * @param failed documents that the provider refused for their content: they are recorded as failed
 * @param undone documents whose line failed for another reason: they wait for another batch
 * @param otherwise the reason of all others that are still pending in the batch, which wait for another batch as well
 * @param countsAsAttempt whether waiting for another batch counts as an attempt, of which a document has
 *     {@link #MAX_ATTEMPTS}; not so where the batch never ran
 */
public record ImportEnd(
        List<DocumentReason> failed, List<DocumentReason> undone, String otherwise, boolean countsAsAttempt) {
    /** A document that came back from so many batches without vectors is a failed one. */
    public static final int MAX_ATTEMPTS = 5;

    public ImportEnd {
        failed = List.copyOf(failed);
        undone = List.copyOf(undone);
        Objects.requireNonNull(otherwise, "otherwise");
    }
}
