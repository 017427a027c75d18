package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.state.UnknownChunks;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The one transaction in which a window takes effect: its rows, its failures, the checkpoint and the counters, or
 * nothing.
 */
final class WindowTransaction {
    // A deferred constraint would speak up at the commit, when no single document can be set aside any more.
    static final String CHECK_AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE";

    static final String COMMIT_WITHOUT_WAITING_FOR_THE_DISK =
            "SELECT set_config('synchronous_commit', 'off', true) WHERE current_setting('synchronous_standby_names') = ''";

    private final Run run;
    private final ShardLease lease;
    private final TakenOverDocuments takenOver;
    private final WindowOrphans orphans;
    private final WindowFiles files;
    private final List<String> settings;
    private final DocumentWrites writes;
    private final MetadataRefresh metadata;

    WindowTransaction(EmbeddingTable table, Run run, ShardLease lease, OrphanSearch orphans, Durability durability) {
        this.run = run;
        this.lease = lease;
        this.takenOver = new TakenOverDocuments(table, new PendingRows(run, lease.shard()));
        this.orphans = new WindowOrphans(table, run, lease.shard(), orphans);
        this.files = new WindowFiles(run, lease.shard(), orphans.empty());
        this.settings = switch (durability) {
            case EVERY_WINDOW -> List.of(CHECK_AT_ONCE);
            case EVERY_SHARD -> List.of(CHECK_AT_ONCE, COMMIT_WITHOUT_WAITING_FOR_THE_DISK);
        };
        this.writes = new DocumentWrites(table);
        this.metadata = new MetadataRefresh(table);
    }

    /**
     * Does all but the commit itself.
     *
     * @param shard the shard's row, locked
     * @param windows of the shard, with this one
     * @return the shard's counters with this window
     */
    Counts run(Connection connection, Window<EmbeddedDocument> window, Shards.Locked shard, long windows)
            throws SQLException {
        KeyedPlans.use(connection, settings);
        if (takenOver.any(connection)) {
            takenOver.settle(connection, window);
        }
        List<FailedDocument> failed = new ArrayList<>(window.failed());
        List<EmbeddedDocument> written = writes.replace(connection, window.documents(), shard.now(), failed);
        Bisection.Outcome<Document> refreshed = metadata.refresh(connection, window.unchanged());
        refreshed.refused().forEach(refusal -> failed.add(writes.refused(refusal.thing(), refusal.words())));
        EmptyDocuments empty = orphans.empty(failed);
        FailedDocuments.record(connection, run.id(), lease.shard(), empty.failed());
        orphans.note(connection, window.source(), empty);
        files.note(connection, window.source());
        int unchanged = refreshed.written().size();
        long countedBefore = shard.countedBefore(unchanged);
        Counts counters = shard.counters()
                .plus(counted(connection, written))
                .plus(Counts.window(
                        window.source().work(),
                        unchanged - countedBefore + empty.removed().size(),
                        empty.failed().size()));
        Shards.advance(connection, run, lease, window.source().end(), windows, counters, countedBefore);
        return counters;
    }

    /**
     * The rows of some documents alone, without what a window does beside. The next reading of them tells of those that the
     * server refuses.
     *
     * @return the shard's counters with them
     */
    Counts keep(Connection connection, List<EmbeddedDocument> documents, Shards.Locked shard, long windows)
            throws SQLException {
        KeyedPlans.use(connection, settings);
        List<EmbeddedDocument> written = writes.replace(connection, documents, shard.now(), new ArrayList<>());
        Counts counters = shard.counters().plus(counted(connection, written));
        Shards.keep(connection, run, lease, windows, counters, written.size());
        return counters;
    }

    private Counts counted(Connection connection, List<EmbeddedDocument> written) throws SQLException {
        Counts counted = DocumentWrites.counted(written);
        UnknownChunks.add(connection, run, lease.shard(), counted.unknownChunks());
        return counted;
    }
}
