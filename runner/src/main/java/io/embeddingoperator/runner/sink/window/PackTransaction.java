package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The one transaction in which a window is written down whose vectors come later: its pending documents, its failures, the
 * checkpoint and the counters, or nothing. Rows that its documents have stay until the vectors arrive.
 */
public final class PackTransaction {
    private final EmbeddingTable table;
    private final Run run;
    private final ShardLease lease;
    private final PendingRows pending;
    private final TakenOverDocuments takenOver;
    private final WindowOrphans orphans;
    private final WindowFiles files;
    private final MetadataRefresh metadata;
    private final DocumentWrites writes;

    public PackTransaction(EmbeddingTable table, Run run, ShardLease lease, OrphanSearch orphans) {
        this.table = table;
        this.run = run;
        this.lease = lease;
        this.pending = new PendingRows(run, lease.shard());
        this.takenOver = new TakenOverDocuments(table, pending);
        this.orphans = new WindowOrphans(table, run, lease.shard(), orphans);
        this.files = new WindowFiles(run, lease.shard(), orphans.empty());
        this.metadata = new MetadataRefresh(table);
        this.writes = new DocumentWrites(table);
    }

    /**
     * Does all but the commit itself.
     *
     * @param shard the shard's row, locked
     * @param windows of the shard, with this one
     * @return the shard's counters with this window
     */
    public Counts run(Connection connection, Window<WaitingDocument> window, Shards.Locked shard, long windows)
            throws SQLException {
        KeyedPlans.use(connection, List.of(WindowTransaction.CHECK_AT_ONCE));
        List<FailedDocument> failed = new ArrayList<>(window.failed());
        List<Document> unchanged = new ArrayList<>(window.unchanged());
        List<WaitingDocument> documents = storable(window.documents(), failed);
        if (takenOver.any(connection)) {
            documents = takenOver.meet(connection, window, documents, unchanged);
        }
        Bisection.write(connection, documents, some -> pending.insert(connection, table, some))
                .refused()
                .forEach(refusal -> failed.add(FailedDocument.of(
                        refusal.thing().document(),
                        "embedding_operator.pending_documents refuses it: " + refusal.words())));
        Bisection.Outcome<Document> refreshed = metadata.refresh(connection, unchanged);
        refreshed.refused().forEach(refusal -> failed.add(writes.refused(refusal.thing(), refusal.words())));
        EmptyDocuments empty = orphans.empty(failed);
        FailedDocuments.record(connection, run.id(), lease.shard(), empty.failed());
        orphans.note(connection, window.source(), empty);
        files.note(connection, window.source());
        int found = refreshed.written().size();
        long countedBefore = shard.countedBefore(found);
        Counts counters = shard.counters()
                .plus(Counts.window(
                        window.source().work(),
                        found - countedBefore + empty.removed().size(),
                        empty.failed().size()));
        Shards.advance(connection, run, lease, window.source().end(), windows, counters, countedBefore);
        return counters;
    }

    private List<WaitingDocument> storable(List<WaitingDocument> documents, List<FailedDocument> failed) {
        List<WaitingDocument> storable = new ArrayList<>(documents.size());
        for (WaitingDocument waiting : documents) {
            StorableDocument.refusal(table, waiting.document())
                    .ifPresentOrElse(
                            reason -> failed.add(FailedDocument.of(waiting.document(), reason)),
                            () -> storable.add(waiting));
        }
        return storable;
    }
}
