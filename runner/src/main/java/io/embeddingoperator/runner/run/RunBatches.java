package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.pipeline.ShardWork;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.WindowReader;
import java.util.Optional;

/** The part that a provider's batches have in what a process does for a run. */
sealed interface RunBatches extends AutoCloseable permits NoBatches, ProviderBatches {
    /** A shard that this process has taken, as it is to be worked on. */
    ShardWork work(ShardLease lease, WindowReader reader, WindowSink windows);

    /** Waits, once everything is read, until all that was left for later is embedded. */
    void await() throws InterruptedException;

    /** The process is to end soon. */
    void stop();

    /** What keeps it from going on. */
    Optional<Progress.Waiting> waiting();

    @Override
    void close();
}
