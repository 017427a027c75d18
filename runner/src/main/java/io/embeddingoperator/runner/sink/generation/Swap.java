package io.embeddingoperator.runner.sink.generation;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.GenerationNames;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.sink.window.OrphanLimit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Another model's vectors for a table that is searched: they are put into the next table, which takes the live one's place and
 * name once it is complete.
 *
 * @param live as it stands, with the mark of the job
 * @param next as the manifest describes it, with the mark of the job's rows there
 * @param keeping whether the live table stays under a third name when it is replaced
 */
public record Swap(EmbeddingTable live, EmbeddingTable next, boolean keeping) {
    public Swap {
        Objects.requireNonNull(live, "live");
        Objects.requireNonNull(next, "next");
    }

    /**
     * Tables that are to be exchanged.
     *
     * @param live as it stands
     * @param wanted as the manifest describes the table, under the live one's name
     * @param job namespace/name
     */
    public record Plan(PresentTable live, EmbeddingTable wanted, Recipe recipe, String job, boolean keeping) {
        /** What speaks against it, each as a clause of a sentence. */
        public List<String> obstacles(Connection connection) throws SQLException {
            List<String> obstacles = new ArrayList<>();
            if (live.isPartitioned()) {
                obstacles.add(
                        "spec.sink.pgvector.replacement is Swap, and %s is partitioned, which a table that takes its place would not be: use InPlace, or name another table"
                                .formatted(live.name()));
            }
            if (!live.owned()) {
                obstacles.add(
                        "spec.sink.pgvector.replacement is Swap, which renames %s, and the role %s does not own it: let its owner be a role that %2$s is a member of"
                                .formatted(live.name(), live.role()));
            }
            Attachments.obstacle(connection, live, wanted).ifPresent(obstacles::add);
            obstacles.addAll(table().obstacles(connection));
            return obstacles;
        }

        /** The next table as it would be made. */
        public PresentTable planned() {
            return table().planned();
        }

        /** Rows that the job did not write, as a clause of a sentence; the table bears its mark by then. */
        public Optional<String> strangers(Connection connection, EmbeddingTable marked) throws SQLException {
            return Losses.strangers(connection, marked);
        }

        /** Makes the next table where it is not there from before, and tries the exchange out then. */
        public void prepare(Connection connection) throws SQLException {
            table().make(connection, new Exchange(names(), keeping));
        }

        public GenerationNames names() {
            return new GenerationNames(live.name());
        }

        private NextTable table() {
            return new NextTable(names(), live, wanted.named(names().next()), recipe, job);
        }
    }

    /**
     * Why a run that embedded everything ends without the exchange; empty where nothing would be lost that may not be.
     *
     * @param limit of what may be lost of the live table
     * @param read what the run made of the documents that the source holds
     */
    public Optional<String> refusal(
            Connection connection, long run, OrphanPolicy orphans, OrphanLimit limit, Counts read) throws SQLException {
        return new Losses(live, next, orphans, limit).refusal(connection, run, read);
    }

    /** Exchanges the tables and ends the run, both or neither; waits while other sessions hold locks on them. */
    public void exchange(Connection connection, long run) throws SQLException {
        new Exchange(names(), keeping).make(connection, run, marking -> Runs.complete(marking, run));
    }

    /** What a person should know of the tables once the run is over. */
    public String note(Connection connection, long run) throws SQLException {
        if (!Runs.isInto(connection, run, live.name())) {
            return "%s is as it was: the new vectors are in %s, which takes its place when a run ends well"
                    .formatted(live.name(), next.name());
        }
        return keeping
                ? "%s has the vectors of this model now, and %s those of the one before"
                        .formatted(live.name(), names().before())
                : "%s has the vectors of this model now".formatted(live.name());
    }

    private GenerationNames names() {
        return new GenerationNames(live.name());
    }
}
