package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.api.contract.Counts;

/** Takes the windows of a shard whose documents are not embedded as they are read: they are written down and embedded later. */
public interface DeferredEmbedding {
    /**
     * Commits a window and its checkpoint; waits while too much is written down already.
     *
     * @return the shard's counters after the commit
     */
    Counts commit(Window<WaitingDocument> window) throws InterruptedException;

    /** The shard's source is read to its end. The embedder completes the shard when all of it is embedded. */
    void sourceRead();
}
