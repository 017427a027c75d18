package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Brings a shard from batches to requests: what is paid for is stored, and nothing is left at the provider. */
final class SwitchToRealtime {
    private final BatchRun run;
    private final PendingDocuments pending;

    SwitchToRealtime(BatchRun run, PendingDocuments pending) {
        this.run = run;
        this.pending = pending;
    }

    /** Returns early when the process is asked to stop. */
    void reach() throws InterruptedException {
        List<BatchRecord> batches = pending.batches();
        if (!batches.isEmpty()) {
            BatchSteps steps = run.lastSteps(pending);
            LiveBatches live = new LiveBatches(steps, run.timing(), run.clock());
            batches.forEach(live::add);
            live.replaceAll(batch -> steps.cancel(batch, "the run goes on without batches"));
            while (!live.isEmpty() && !run.stopping()) {
                if (!live.pass(run::stopping)) {
                    rest(live.nextDue());
                }
            }
        }
        if (!run.stopping() && pending.totals().documents() > 0) {
            pending.discardUnassigned();
        }
    }

    private void rest(Instant due) throws InterruptedException {
        Duration rest = Duration.between(run.clock().instant(), due);
        // Short enough to notice soon that the process is to stop.
        Thread.sleep(Math.clamp(rest.toMillis(), 1, 1_000));
    }
}
