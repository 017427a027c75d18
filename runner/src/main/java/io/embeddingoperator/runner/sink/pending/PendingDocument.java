package io.embeddingoperator.runner.sink.pending;

import java.util.Objects;

/**
 * A document of a batch.
 *
 * @param ordinal from 0 within the batch: with the batch's id it leads a result back to the document
 * @param attempt how many batches it was in before, and came back from without a vector
 */
public record PendingDocument(int ordinal, int attempt, PackedDocument packed) {
    public PendingDocument {
        Objects.requireNonNull(packed, "packed");
    }
}
