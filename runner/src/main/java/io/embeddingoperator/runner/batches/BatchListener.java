package io.embeddingoperator.runner.batches;

import io.embeddingoperator.api.contract.Counts;

/** Hears what becomes of batches, from several threads. */
public interface BatchListener {
    /** Something of a shard is committed; the counters include everything before it. */
    void committed(int shard, Counts counters);

    /** All of a shard is embedded and complete. */
    void completed(int shard);

    /** The provider was asked how a batch is. */
    void polled();
}
