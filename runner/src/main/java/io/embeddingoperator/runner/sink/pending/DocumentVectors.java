package io.embeddingoperator.runner.sink.pending;

import java.util.Objects;

/**
 * The result of a line of a batch. The arrays are shared, not copied: they are never written to.
 *
 * @param ordinal of the document within its batch
 * @param vectors one a chunk, in the chunks' order
 */
public record DocumentVectors(int ordinal, float[][] vectors) {
    public DocumentVectors {
        Objects.requireNonNull(vectors, "vectors");
    }
}
