package io.embeddingoperator.runner.plan;

/**
 * What a run would be, from a measured sample.
 *
 * @param documents that the source holds; for files, from the bytes of the sample
 * @param exact whether the source counted its documents
 * @param chunks of all documents, as the sample has them on average; so are tokens and textBytes
 * @param vectorBytes of all vectors in the sink
 * @param sampleDocuments that were read and tokenized
 * @param sampleSeconds for which sampled chunks were embedded; 0 where that would have been billed
 * @param tokensPerSecond of the embedder, on this machine; 0 where nothing was embedded
 * @param truncatedChunks of the sample that the model cannot take whole
 */
public record Estimate(
        long documents,
        boolean exact,
        long chunks,
        long tokens,
        long textBytes,
        long vectorBytes,
        long sampleDocuments,
        double sampleSeconds,
        double tokensPerSecond,
        long truncatedChunks) {
    /** Seconds that this machine needs alone. */
    public long seconds() {
        return tokensPerSecond == 0 ? 0 : Math.round(tokens / tokensPerSecond);
    }
}
