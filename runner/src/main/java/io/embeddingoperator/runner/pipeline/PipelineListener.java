package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.batch.Batch;

/** Hears what a pipeline does, from several threads. */
public interface PipelineListener {
    /** A batch has its vectors, which are not committed yet. */
    void embedded(Batch batch);

    /**
     * A window is committed.
     *
     * @param counters of the shard, all its windows and earlier owners included
     */
    void committed(int shard, Counts counters);

    /** The last window of a shard is committed. */
    void completed(int shard);
}
