package io.embeddingoperator.runner.sink;

import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.sink.database.AdvisoryLock;
import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.index.HnswIndex;
import io.embeddingoperator.runner.sink.index.IndexBuild;
import io.embeddingoperator.runner.sink.index.IndexBuildWatch;
import io.embeddingoperator.runner.sink.index.IndexProgress;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunEnding;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.state.Orphans;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.window.OrphanEnd;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is done once all shards are complete: the index, orphans, the mark that the run is complete. Of several
 * processes one does it, and the others wait for it: were they to leave, no process would go on when the one dies. The index comes
 * first: a removal that is held back costs no user their search.
 */
final class RunEnd {
    private final SinkDatabase database;
    private final PgvectorSink spec;
    private final EmbeddingTable table;
    private final Run run;
    private final OrphanEnd orphans;
    private final Optional<SwapEnd> swap;
    private final Consumer<IndexProgress> progress;

    /** @param swap where the table is to take the place of another one */
    RunEnd(
            SinkDatabase database,
            PgvectorSink spec,
            EmbeddingTable table,
            Run run,
            OrphanEnd orphans,
            Optional<SwapEnd> swap,
            Consumer<IndexProgress> progress) {
        this.database = database;
        this.spec = spec;
        this.table = table;
        this.run = run;
        this.orphans = orphans;
        this.swap = swap;
        this.progress = progress;
    }

    /**
     * Safe to repeat on another connection when one is lost. All steps are taken on this one: a step that was tried again on
     * another connection could meet a standby that took over and lacks what the steps before it had found or made.
     */
    RunEnding reach(Connection connection) throws SQLException {
        if (isDue(connection)) {
            AdvisoryLock.named("end of the runs into " + table.name(), table.name())
                    .holding(connection, this::watch, this::end);
        }
        return new RunEnding(Orphans.held(connection, run.id()), note(connection));
    }

    private Optional<String> note(Connection connection) throws SQLException {
        List<String> notes = new ArrayList<>(orphans.note(connection).stream().toList());
        if (swap.isPresent()) {
            notes.add(swap.get().note(connection));
        }
        return notes.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", notes));
    }

    private Void end(Connection locked) throws SQLException {
        if (isDue(locked)) {
            if (spec.index().type() == IndexType.HNSW) {
                IndexBuild.run(
                        locked,
                        new HnswIndex(table.name(), spec.vectorType(), spec.index(), table.pgvector()),
                        this::watch);
            }
            inTransaction(locked, connection -> {
                if (orphans.settle(connection).isEmpty() && swap.isEmpty()) {
                    Runs.complete(connection, run.id());
                }
            });
            if (swap.isPresent() && isDue(locked)) {
                swap.get().reach(locked);
            }
        }
        return null;
    }

    private boolean isDue(Connection connection) throws SQLException {
        RunState state = Runs.state(connection, run);
        return state.allShardsComplete()
                && !state.complete()
                && Orphans.held(connection, run.id()).isEmpty();
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

    /** Reports an index build on the table, of this process or another one. */
    private void watch() {
        database.read("Asking how far the index build is", connection -> IndexBuildWatch.look(connection, table.name()))
                .ifPresent(progress);
    }
}
