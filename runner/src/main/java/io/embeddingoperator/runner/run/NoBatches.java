package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.batches.AbandonedBatches;
import io.embeddingoperator.runner.pipeline.ShardWork;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.WindowReader;
import java.util.Optional;

/** The embedder has none: what another one left of a run before is given up. */
record NoBatches(EmbeddingSink sink, Run run) implements RunBatches {
    @Override
    public ShardWork work(ShardLease lease, WindowReader reader, WindowSink windows) {
        AbandonedBatches.forget(sink.pending(run, lease, BatchMoney.FREE));
        return new ShardWork(lease.shard(), reader, windows);
    }

    @Override
    public void await() {}

    @Override
    public void stop() {}

    @Override
    public Optional<Progress.Waiting> waiting() {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
