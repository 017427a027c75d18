package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.ProviderBatch;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import java.util.Map;
import java.util.Optional;

/** Ends batches that bring no results: their documents wait for another one, which does not count against them. */
final class BatchEnd {
    private final PendingDocuments pending;
    private final BatchListener listener;

    BatchEnd(PendingDocuments pending, BatchListener listener) {
        this.pending = pending;
        this.listener = listener;
    }

    /** It never ran, which costs nothing. */
    BatchRecord unpaid(BatchRecord batch, ProviderBatch.Status status, String reason) {
        return end(
                batch.with(batch.atProvider().withProviderStatus(status.word())).billed(0), reason);
    }

    /** What it has done is lost, and may have been billed. */
    BatchRecord paid(BatchRecord batch, String reason) {
        return end(batch.untold(), reason);
    }

    private BatchRecord end(BatchRecord batch, String reason) {
        BatchRecord ended =
                batch.with(batch.atProvider().withError(Optional.of(reason))).in(BatchState.Imported);
        listener.committed(batch.shard(), pending.imported(ended, new ImportEnd(Map.of(), Map.of(), reason, false)));
        return ended;
    }
}
