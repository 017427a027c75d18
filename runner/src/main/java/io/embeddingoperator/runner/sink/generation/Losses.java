package io.embeddingoperator.runner.sink.generation;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.window.OrphanLimit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * What would be lost with the live table: rows that are not the job's, and documents that the next table lacks because the source
 * does not have them any more.
 *
 * @param orphans whether such documents may go
 * @param limit how many of them
 */
record Losses(EmbeddingTable live, EmbeddingTable next, OrphanPolicy orphans, OrphanLimit limit) {
    private static final int COUNTED = 1_000;

    /** Why the table may not be exchanged at all, as a clause of a sentence; empty where all its rows are the job's. */
    static Optional<String> strangers(Connection connection, EmbeddingTable live) throws SQLException {
        String sql = "SELECT count(*) FROM (SELECT FROM %s AS stored WHERE (%s) IS NOT TRUE LIMIT %d) strangers"
                .formatted(live.name().sql(), live.mayReplace("stored"), COUNTED + 1);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            long rows = row.getLong(1);
            return rows == 0
                    ? Optional.empty()
                    : Optional.of(
                            "%s holds %s that this job did not write (embedded_by), and a table that takes its place would not have %s: move %3$s elsewhere, or set spec.sink.pgvector.ownership to Adopt"
                                    .formatted(
                                            live.name(),
                                            rows == 1
                                                    ? "a row"
                                                    : "%s rows"
                                                            .formatted(
                                                                    rows > COUNTED
                                                                            ? "more than %,d".formatted(COUNTED)
                                                                            : rows),
                                            rows == 1 ? "it" : "them"));
        }
    }

    /**
     * Why the run ends without the exchange; empty when nothing is lost, or nothing that may not be.
     *
     * @param read what the run made of the documents that the source holds
     */
    Optional<String> refusal(Connection connection, long run, Counts read) throws SQLException {
        Optional<String> strangers = strangers(connection, live);
        if (strangers.isPresent()) {
            return strangers;
        }
        Lost lost = lost(connection, run);
        if (lost.documents() == 0) {
            return Optional.empty();
        }
        return switch (orphans) {
            case Keep ->
                Optional.of(
                        ("%s, and spec.sink.pgvector.orphans is Keep: it was not exchanged, for %s cannot have what the source"
                                        + " lacks. If that may go, set orphans to Delete and change spec.runNonce; nothing is embedded"
                                        + " again")
                                .formatted(lost.of(live), next.name()));
            case Delete -> limit.refusal(lost.documents(), read);
        };
    }

    /** A document that failed under the next model counts as failed, and not as lost. */
    private Lost lost(Connection connection, long run) throws SQLException {
        String sql = """
                SELECT count(*), min(key::text) FROM (
                  SELECT DISTINCT l.%1$s AS key FROM %2$s l
                  WHERE NOT EXISTS (SELECT FROM %3$s n WHERE n.%1$s = l.%1$s)) lost
                WHERE NOT EXISTS (SELECT FROM embedding_operator.failed_documents f WHERE f.run_id = ? AND f.key = lost.key::text)
                """.formatted(live.key(), live.name().sql(), next.name().sql());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Lost(
                        row.getLong(1), Optional.ofNullable(row.getString(2)).orElse(""));
            }
        }
    }

    private record Lost(long documents, String first) {
        String of(EmbeddingTable table) {
            return documents == 1
                    ? "the document %s of %s is not in the source any more".formatted(first, table.name())
                    : "%,d documents of %s are not in the source any more, such as %s"
                            .formatted(documents, table.name(), first);
        }
    }
}
