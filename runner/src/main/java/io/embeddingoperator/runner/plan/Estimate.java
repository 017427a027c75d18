package io.embeddingoperator.runner.plan;

import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.VectorType;

/**
 * What a run would be, from a measured sample.
 *
 * @param documents that the source holds; for files, from the bytes of the sample
 * @param exact whether the source counted its documents
 * @param chunks of all documents, as the sample has them on average; so are tokens and textBytes
 * @param dimensions of a vector
 * @param sampleDocuments that were read and tokenized
 * @param sampleSeconds for which sampled chunks were embedded; 0 where that would have been billed
 * @param tokensPerSecond of the embedder, on this machine; 0 where nothing was embedded
 * @param truncatedChunks of the sample that the model cannot take whole
 * @param unknownChunks of the sample of which at least half of the tokens are unknown to the model
 * @param embedder one line about what embeds, and how
 */
public record Estimate(
        long documents,
        boolean exact,
        long chunks,
        long tokens,
        long textBytes,
        int dimensions,
        long sampleDocuments,
        double sampleSeconds,
        double tokensPerSecond,
        long truncatedChunks,
        long unknownChunks,
        String embedder) {
    /** Seconds that this machine needs alone. */
    public long seconds() {
        return tokensPerSecond == 0 ? 0 : Math.round(tokens / tokensPerSecond);
    }

    /** Bytes of all vectors in a column of a type. */
    public long vectorBytes(VectorType type) {
        return chunks * dimensions * type.bytesPerDimension();
    }

    /** An index over all vectors. */
    public IndexEstimate index(PgvectorSink sink) {
        return IndexEstimate.of(chunks, dimensions, sink);
    }
}
