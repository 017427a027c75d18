package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Orphans;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import io.embeddingoperator.runner.source.SourceKeys;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what a run found to be gone from the source, once all of it is known: all, or nothing where that is more than one run
 * may remove.
 */
public final class OrphanEnd {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanEnd.class);

    private final Run run;
    private final EmbeddingTable table;
    private final OrphanRemoval removal;
    private final EmptyPolicy empty;
    private final OrphanLimit limit;
    private final Optional<SourceKeys> keys;

    /** @param keys of the source; empty where all of it was read */
    public OrphanEnd(
            Run run,
            EmbeddingTable table,
            OrphanRemoval removal,
            EmptyPolicy empty,
            OrphanLimit limit,
            Optional<SourceKeys> keys) {
        this.run = run;
        this.table = table;
        this.removal = removal;
        this.empty = empty;
        this.limit = limit;
        this.keys = keys;
    }

    /**
     * A part of the transaction that ends the run.
     *
     * @return why nothing was removed although it should be; the run is not to be marked as complete then
     */
    public Optional<String> settle(Connection connection) throws SQLException {
        if (removal == OrphanRemoval.NONE && empty == EmptyPolicy.Keep) {
            return Optional.empty();
        }
        if (isLeftToTheEnd() && !FailedDocuments.anyWithoutKey(connection, run.id())) {
            noteGone(connection);
        }
        long found = Orphans.found(connection, run.id());
        Optional<String> refusal =
                limit.refusal(found, Runs.state(connection, run).totals()).map(this::withEmpty);
        if (refusal.isPresent()) {
            LOG.error("{}", refusal.get());
            Orphans.hold(connection, run.id(), refusal.get());
        } else if (found > 0) {
            remove(connection, found);
        }
        return refusal;
    }

    private boolean isLeftToTheEnd() {
        return removal == OrphanRemoval.AT_THE_END || removal == OrphanRemoval.BY_COMPARISON;
    }

    private void noteGone(Connection connection) throws SQLException {
        if (removal == OrphanRemoval.AT_THE_END) {
            new DocumentRows(table).noteUnread(connection, run.id(), limit.most());
            return;
        }
        new KeyComparison(table, keys.orElseThrow())
                .noteGone(
                        connection,
                        run.id(),
                        Runs.state(connection, run).totals().finished(),
                        limit.most());
    }

    private String withEmpty(String sentence) {
        return switch (empty) {
            case Keep -> sentence;
            case Delete -> sentence + ". Documents without text count as gone (spec.sink.pgvector.onEmpty)";
        };
    }

    private void remove(Connection connection, long found) throws SQLException {
        KeyedPlans.use(connection);
        long removed = new DocumentRows(table).deleteOrphans(connection, run.id());
        Runs.addOrphansDeleted(connection, run.id(), removed);
        LOG.info(
                "{} documents are gone from the source or have no text, and the rows of {} were removed from {}",
                found,
                removed,
                table.name());
    }

    /** Rows that may be of documents whose keys could not be read are kept, and that is told. */
    public Optional<String> note(Connection connection) throws SQLException {
        if (removal == OrphanRemoval.NONE || !FailedDocuments.anyWithoutKey(connection, run.id())) {
            return Optional.empty();
        }
        String note = (isLeftToTheEnd()
                        ? "no rows of documents that are gone from the source were removed"
                        : "some rows of documents that are gone from the source may be left")
                + ": the keys of some failed documents could not be read, so that nothing tells whose rows are theirs";
        LOG.warn("{}", note);
        return Optional.of(note);
    }
}
