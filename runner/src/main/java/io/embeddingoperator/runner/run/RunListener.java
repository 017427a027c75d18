package io.embeddingoperator.runner.run;

import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.sink.index.IndexProgress;

/** Hears of a run what a person wants to see. */
public interface RunListener {
    /** The run is planned and its shards are known. */
    void started(ProgressTracker progress);

    /** The index is being built. */
    void indexing(IndexProgress progress);
}
