package io.embeddingoperator.runner.sink;

import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.sink.database.AdvisoryLock;
import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.table.DocumentRows;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.HnswIndex;
import io.embeddingoperator.runner.sink.table.IndexBuild;
import io.embeddingoperator.runner.sink.table.IndexBuildWatch;
import io.embeddingoperator.runner.sink.window.OrphanRemoval;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done once all shards are complete: orphans, the index, the mark that the run is complete. Of several
 * processes one does it, and the others wait for it: were they to leave, nobody would go on when the one dies.
 */
final class RunEnd {
    private static final Logger log = LoggerFactory.getLogger(RunEnd.class);

    private final SinkDatabase database;
    private final PgvectorSink spec;
    private final EmbeddingTable table;
    private final Run run;
    private final OrphanRemoval orphans;
    private final Consumer<IndexProgress> progress;

    RunEnd(
            SinkDatabase database,
            PgvectorSink spec,
            EmbeddingTable table,
            Run run,
            OrphanRemoval orphans,
            Consumer<IndexProgress> progress) {
        this.database = database;
        this.spec = spec;
        this.table = table;
        this.run = run;
        this.orphans = orphans;
        this.progress = progress;
    }

    /**
     * Safe to repeat on another connection when one is lost. All steps are taken on this one: a step that was tried again on
     * another connection could meet a standby that took over and lacks what the steps before it had found or made.
     */
    void reach(Connection connection) throws SQLException {
        if (!isDue(connection)) {
            return;
        }
        AdvisoryLock.named("end of the runs into " + table.name(), table.name())
                .holding(connection, this::watch, locked -> {
                    if (isDue(locked)) {
                        inTransaction(locked, this::removeOrphans);
                        if (spec.index().type() == IndexType.HNSW) {
                            IndexBuild.run(
                                    locked,
                                    new HnswIndex(table.name(), spec.vectorType(), spec.index(), table.pgvector()),
                                    this::watch);
                        }
                        inTransaction(locked, c -> Runs.complete(c, run.id()));
                    }
                    return null;
                });
    }

    private boolean isDue(Connection connection) throws SQLException {
        RunState state = Runs.state(connection, run);
        return state.allShardsComplete() && !state.complete();
    }

    private interface Step {
        void take(Connection connection) throws SQLException;
    }

    private static void inTransaction(Connection connection, Step step) throws SQLException {
        connection.setAutoCommit(false);
        try {
            step.take(connection);
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            rollBack(connection, e);
            throw e;
        }
        connection.setAutoCommit(true);
    }

    /** Not so that a failure of its own hides the first one. */
    private static void rollBack(Connection connection, Exception failure) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private void removeOrphans(Connection connection) throws SQLException {
        if (orphans != OrphanRemoval.AT_THE_END) {
            return;
        }
        if (FailedDocuments.anyWithoutKey(connection, run.id())) {
            log.warn("Rows of documents that are gone from the source are kept: the keys of some failed documents"
                    + " could not be read, so nothing tells whose rows are theirs");
        } else {
            Runs.addOrphansDeleted(connection, run.id(), new DocumentRows(table).deleteUnread(connection, run.id()));
        }
    }

    /** Reports an index build on the table, of this process or another one. */
    private void watch() {
        database.read("Asking how far the index build is", connection -> IndexBuildWatch.look(connection, table.name()))
                .ifPresent(progress);
    }
}
