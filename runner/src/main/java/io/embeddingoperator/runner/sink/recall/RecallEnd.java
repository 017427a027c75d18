package io.embeddingoperator.runner.sink.recall;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.runner.sink.run.IndexRecall;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.state.Recalls;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The part of a run's end that measures how much searches through the index find.
 *
 * @param built whether this run built the index: what was measured before is of another one then
 */
public record RecallEnd(EmbeddingTable table, IndexSpec index, Run run, boolean built) {
    /** The end of a run waits for it, of which a large load does not feel it. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Measures, and notes what came of it; a run that changed neither rows nor index has the recall of the one before. Safe to repeat. */
    public Void reach(Connection connection) throws SQLException {
        if (Recalls.ofRun(connection, run.id()).isEmpty()) {
            Optional<IndexRecall> recall = known(connection);
            if (recall.isEmpty()) {
                recall = new RecallMeasurement(
                                table, Objects.requireNonNull(index.metric(), "metric"), index.targetRecall(), PATIENCE)
                        .measure(connection);
            }
            if (recall.isPresent()) {
                Recalls.note(connection, run.id(), recall.get());
            }
        }
        return null;
    }

    private Optional<IndexRecall> known(Connection connection) throws SQLException {
        Counts written = Runs.state(connection, run).totals();
        return built || written.embedded() > 0
                ? Optional.empty()
                : Recalls.ofTable(connection, table.name()).filter(known -> known.target() == index.targetRecall());
    }

    /** What to do where no search finds as much as is wanted. */
    public static String advice(IndexRecall recall, IndexSpec index) {
        return String.format(
                Locale.ROOT,
                "searches through the index find %.1f %% of the ten nearest rows with hnsw.ef_search %d, and"
                        + " spec.sink.pgvector.index.targetRecall asks for %.1f %%: drop the index, raise m (%d) or"
                        + " efConstruction (%d), and start a new run, which builds it anew",
                100 * recall.best().share(),
                recall.best().efSearch(),
                100 * recall.target(),
                index.m(),
                index.efConstruction());
    }
}
