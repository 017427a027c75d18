package io.embeddingoperator.runner.pipeline;

/**
 * What may be in flight at once; together with the limits of a window this bounds the memory of a runner, whatever the
 * documents are.
 *
 * @param windows that are prepared, embedded or written
 * @param textBytes of all these windows; a single larger window is let through alone
 * @param batches that wait for the embedder
 * @param tokenizerThreads that hash, chunk and tokenize
 */
public record PipelineLimits(int windows, int textBytes, int batches, int tokenizerThreads) {
    public PipelineLimits {
        if (windows < 2 || textBytes < 1 || batches < 1 || tokenizerThreads < 1) {
            throw new IllegalArgumentException(
                    "%d windows, %d bytes, %d batches, %d tokenizer threads: use at least 2 windows and 1 of the others"
                            .formatted(windows, textBytes, batches, tokenizerThreads));
        }
    }

    /** For an embedder that is somewhere else: the requests of several windows are under way at a time. */
    public static PipelineLimits forRequests(int cores, int requests) {
        return new PipelineLimits(8, 24 * 1024 * 1024, requests, cores);
    }

    /** One window is read, one prepared, one embedded and one written. */
    public static PipelineLimits forCores(int cores, int embedderThreads) {
        return new PipelineLimits(4, 24 * 1024 * 1024, 2 * embedderThreads, cores);
    }
}
