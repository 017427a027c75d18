package io.embeddingoperator.runner.sink.state;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The table embedding_operator.document_keys: where each key of an open run was read. It tells duplicates of sources
 * that are not read by key, and orphans where ranges of keys cannot.
 */
public final class DocumentKeys {
    private DocumentKeys() {}

    /**
     * Notes each key with its location unless it was noted before. Keys are noted in ascending order, so that shards
     * that meet at a key wait for one another and never in a circle.
     *
     * @return the location that each key is noted with now
     */
    public static Map<String, String> claim(Connection connection, long run, List<String> keys, List<String> locations)
            throws SQLException {
        note(connection, run, keys, locations);
        Map<String, String> owners = HashMap.newHashMap(keys.size());
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT key, location FROM embedding_operator.document_keys WHERE run_id = ? AND key = ANY (?)")) {
            statement.setLong(1, run);
            statement.setArray(2, connection.createArrayOf("text", keys.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    owners.put(row.getString(1), row.getString(2));
                }
            }
        }
        return owners;
    }

    /** Notes each key with its location unless it was noted before. */
    public static void note(Connection connection, long run, List<String> keys, List<String> locations)
            throws SQLException {
        String sql = """
                INSERT INTO embedding_operator.document_keys (run_id, key, location)
                SELECT ?, key, location
                FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS document (key, location, ordinal)
                ORDER BY key COLLATE "C", ordinal
                ON CONFLICT DO NOTHING
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.setArray(2, connection.createArrayOf("text", keys.toArray()));
            statement.setArray(3, connection.createArrayOf("text", locations.toArray()));
            statement.executeUpdate();
        }
    }

    static void forget(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM embedding_operator.document_keys WHERE run_id = ?")) {
            statement.setLong(1, run);
            statement.executeUpdate();
        }
    }
}
