package io.embeddingoperator.runner.sink.run;

import java.util.Objects;

/**
 * How a run reads its source: a later run leaves out what one of the same reading has read and what did not change since.
 *
 * @param of what the source can tell to be unchanged
 * @param fingerprint of all that the rows of a document depend on, beside the document
 */
public record Reading(Of of, String fingerprint) {
    /** What a source can tell to be unchanged. */
    public enum Of {
        ROWS,
        FILES
    }

    public Reading {
        Objects.requireNonNull(of, "of");
        Objects.requireNonNull(fingerprint, "fingerprint");
    }
}
