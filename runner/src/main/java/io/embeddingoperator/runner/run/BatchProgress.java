package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.batches.BatchListener;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;

/** Tells of batches where a person looks. */
record BatchProgress(ProgressTracker progress, RunnerMetrics metrics) implements BatchListener {
    @Override
    public void committed(int shard, Counts counters) {
        progress.committed(shard, counters);
    }

    @Override
    public void completed(int shard) {
        progress.completed(shard);
    }

    @Override
    public void polled() {
        metrics.polled();
        progress.refreshOtherShards();
    }
}
