package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.embed.Embedder;

/**
 * What may be in flight at once; together with the limits of a window this bounds the memory of a runner with
 * any documents.
 *
 * @param windows that are prepared, embedded or written
 * @param textBytes of all these windows; a single larger window is let through alone
 * @param vectorBytes of those that are embedded or written, likewise: small chunks and long vectors make many of little text
 * @param batches that wait for the embedder
 * @param tokenizerThreads that hash, chunk and tokenize
 */
public record PipelineLimits(int windows, int textBytes, int vectorBytes, int batches, int tokenizerThreads) {
    /** Of the heap, beside texts, requests and replies, and what is on its way to the sink. */
    private static final double VECTORS_SHARE = 0.25;

    /** A window has 4 MiB of text, or a single document of up to 16 MiB. */
    private static final int TEXT_BYTES = 24 * 1024 * 1024;

    private static final int TEXT_PARTS_OF_HEAP = 8;

    public PipelineLimits {
        if (windows < 2 || textBytes < 1 || vectorBytes < 1 || batches < 1 || tokenizerThreads < 1) {
            throw new IllegalArgumentException(
                    "%d windows, %d bytes of text and %d of vectors, %d batches, %d tokenizer threads: use at least 2 windows and 1 of the others"
                            .formatted(windows, textBytes, vectorBytes, batches, tokenizerThreads));
        }
    }

    /** With as many vectors as the heap of this process has room for. */
    public PipelineLimits(int windows, int textBytes, int batches, int tokenizerThreads) {
        this(windows, textBytes, vectorBytes(Runtime.getRuntime().maxMemory()), batches, tokenizerThreads);
    }

    /** With as much text and as many vectors as the heap of this process has room for. */
    static PipelineLimits forHeap(long heapBytes, int windows, int batches, int tokenizerThreads) {
        int textBytes = Math.clamp(heapBytes / TEXT_PARTS_OF_HEAP, 1, TEXT_BYTES);
        return new PipelineLimits(windows, textBytes, vectorBytes(heapBytes), batches, tokenizerThreads);
    }

    private static int vectorBytes(long heapBytes) {
        return (int) Math.clamp(heapBytes * VECTORS_SHARE, 1, Integer.MAX_VALUE);
    }

    /** For an embedder in a process of so many cores. */
    public static PipelineLimits of(Embedder embedder, int cores) {
        long heapBytes = Runtime.getRuntime().maxMemory();
        return switch (embedder.batchLimits().packing()) {
            // One window is read, one prepared, one embedded and one written.
            case PADDED -> forHeap(heapBytes, 4, 2 * embedder.concurrency(), cores);
            // The embedder is elsewhere: the requests of several windows are under way at a time.
            case SUMMED -> forHeap(heapBytes, 8, embedder.concurrency(), cores);
        };
    }
}
