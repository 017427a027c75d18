package io.embeddingoperator.runner.sink.pending;

import java.util.Objects;

/**
 * Why a document of a batch has no vectors.
 *
 * @param ordinal of the document within its batch
 * @param reason a sentence for the person who looks for the document
 */
public record DocumentReason(int ordinal, String reason) {
    public DocumentReason {
        Objects.requireNonNull(reason, "reason");
    }
}
