package io.embeddingoperator.runner.sink;

import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.sink.database.AdvisoryLock;
import io.embeddingoperator.runner.sink.database.LocalTransaction;
import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.index.HnswIndex;
import io.embeddingoperator.runner.sink.index.IndexBuildWatch;
import io.embeddingoperator.runner.sink.index.IndexProgress;
import io.embeddingoperator.runner.sink.index.TextIndex;
import io.embeddingoperator.runner.sink.index.WatchedIndexWork;
import io.embeddingoperator.runner.sink.recall.RecallEnd;
import io.embeddingoperator.runner.sink.run.IndexRecall;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunEnding;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.state.Orphans;
import io.embeddingoperator.runner.sink.state.Recalls;
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
        Optional<IndexRecall> recall = Recalls.ofRun(connection, run.id());
        return new RunEnding(Orphans.held(connection, run.id()), note(connection, recall), recall);
    }

    private Optional<String> note(Connection connection, Optional<IndexRecall> recall) throws SQLException {
        List<String> notes = new ArrayList<>(orphans.note(connection).stream().toList());
        if (swap.isPresent()) {
            notes.add(swap.get().note(connection));
        }
        recall.filter(measured -> !measured.reachesTarget())
                .map(measured -> RecallEnd.advice(measured, spec.index()))
                .ifPresent(notes::add);
        return notes.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", notes));
    }

    private Void end(Connection locked) throws SQLException {
        if (isDue(locked)) {
            if (spec.index().type() == IndexType.HNSW) {
                HnswIndex index = new HnswIndex(table.name(), spec.vectorType(), spec.index(), table.pgvector());
                boolean built = WatchedIndexWork.run(locked, index::build, this::watch);
                WatchedIndexWork.run(locked, new RecallEnd(table, spec.index(), run, built)::reach, this::watch);
            }
            if (table.text().isPresent()) {
                WatchedIndexWork.run(locked, new TextIndex(table.name())::build, this::watch);
            }
            LocalTransaction.of(locked, connection -> {
                boolean settled = orphans.settle(connection).isEmpty();
                if (settled && swap.isEmpty()) {
                    Runs.complete(connection, run.id());
                }
                return settled;
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

    /** Reports an index build on the table, of this process or another one. */
    private void watch() {
        database.read("Asking how far the index build is", connection -> IndexBuildWatch.look(connection, table.name()))
                .ifPresent(progress);
    }
}
