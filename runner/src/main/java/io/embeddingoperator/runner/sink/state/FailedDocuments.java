package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.postgres.StorableText;
import io.embeddingoperator.runner.sink.run.Damage;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * The table embedding_operator.failed_documents: what could not be embedded in a run, and why; and damaged_parts, which marks those
 * of its rows that are parts of files.
 */
public final class FailedDocuments {
    private FailedDocuments() {}

    public static void record(Connection connection, long run, int shard, List<FailedDocument> failed)
            throws SQLException {
        if (failed.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH failed AS (
                  INSERT INTO embedding_operator.failed_documents (run_id, shard, key, location, reason)
                  SELECT ?, ?, * FROM unnest(?::text[], ?::text[], ?::text[])
                  RETURNING failed_document_id, run_id, location)
                INSERT INTO embedding_operator.damaged_parts (failed_document_id, run_id)
                SELECT failed_document_id, run_id FROM failed WHERE location = ANY (?)
                """)) {
            statement.setLong(1, run);
            statement.setInt(2, shard);
            statement.setArray(
                    3, column(connection, failed, document -> document.key().orElse(null)));
            statement.setArray(4, column(connection, failed, FailedDocument::location));
            statement.setArray(5, column(connection, failed, FailedDocument::reason));
            statement.setArray(
                    6,
                    column(
                            connection,
                            failed.stream()
                                    .filter(document -> document.kind() == FailedDocument.Kind.DAMAGE)
                                    .toList(),
                            FailedDocument::location));
            statement.executeUpdate();
        }
    }

    /** The first failures of a run or of one shard of it, in the order in which they were committed. */
    public static List<FailedDocument> read(Connection connection, long run, OptionalInt shard, int limit)
            throws SQLException {
        List<FailedDocument> failed = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT key, location, reason, d.failed_document_id IS NOT NULL FROM embedding_operator.failed_documents f"
                        + " LEFT JOIN embedding_operator.damaged_parts d USING (failed_document_id) WHERE f.run_id = ?"
                        + " AND shard = coalesce(?, shard) ORDER BY failed_document_id LIMIT ?")) {
            statement.setLong(1, run);
            statement.setObject(2, shard.isPresent() ? shard.getAsInt() : null, Types.INTEGER);
            statement.setInt(3, limit);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    failed.add(new FailedDocument(
                            Optional.ofNullable(row.getString(1)),
                            row.getString(2),
                            row.getString(3),
                            row.getBoolean(4) ? FailedDocument.Kind.DAMAGE : FailedDocument.Kind.FAULT));
                }
            }
        }
        return failed;
    }

    /** The parts of files that a run could not read; empty when there are none. */
    public static Optional<Damage> damage(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT count(*), (array_agg(location ORDER BY failed_document_id))[1]
                FROM embedding_operator.damaged_parts d JOIN embedding_operator.failed_documents f USING (failed_document_id)
                WHERE d.run_id = ?
                """)) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1) == 0
                        ? Optional.empty()
                        : Optional.of(new Damage(row.getLong(1), row.getString(2)));
            }
        }
    }

    /** Whether some document of the run failed before its key could be read. */
    public static boolean anyWithoutKey(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT EXISTS ("
                + "SELECT FROM embedding_operator.failed_documents WHERE run_id = ? AND key IS NULL)")) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static Array column(
            Connection connection, List<FailedDocument> failed, Function<FailedDocument, String> part)
            throws SQLException {
        return connection.createArrayOf(
                "text", failed.stream().map(part).map(FailedDocuments::storable).toArray());
    }

    /** A failure must be recorded even when the document failed for characters that PostgreSQL cannot store. */
    public static String storable(String text) {
        return text == null || StorableText.refusal(text).isEmpty() ? text : StorableText.replaced(text);
    }
}
