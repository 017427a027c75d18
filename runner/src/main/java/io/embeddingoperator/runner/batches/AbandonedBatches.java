package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Batches that an earlier run left at a provider to which this run has no key. */
public final class AbandonedBatches {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedBatches.class);

    private AbandonedBatches() {}

    /** Forgets the batches of a shard, and tells a person what to do about them. */
    public static void forget(PendingDocuments pending) {
        for (BatchRecord batch : pending.batches()) {
            LOG.warn(
                    "batch {} ({}) of the run before may still be at its provider, which this run does not use: cancel it"
                            + " there and delete its file {}",
                    batch.id(),
                    batch.atProvider().providerBatchId().orElse("not handed in"),
                    batch.atProvider().inputFileId().orElse(batch.fileName()));
            pending.imported(
                    batch.in(BatchState.Cancelled).untold(),
                    new ImportEnd(Map.of(), Map.of(), "its batch was left behind", false));
        }
    }
}
