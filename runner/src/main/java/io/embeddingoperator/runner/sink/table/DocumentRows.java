package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.source.KeyRange;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.postgresql.PGConnection;

/** Finds and removes the rows of documents by key. */
public final class DocumentRows {
    private final EmbeddingTable table;

    public DocumentRows(EmbeddingTable table) {
        this.table = table;
    }

    /** The hashes of those documents that have rows, among the given keys. */
    public Map<Key, DocumentHash> hashes(Connection connection, Collection<Key> keys) throws SQLException {
        String sql =
                "SELECT %1$s, document_hash FROM %2$s WHERE %1$s = ANY (?) AND chunk = 0 AND document_hash IS NOT NULL"
                        .formatted(table.key(), table.name().sql());
        Map<Key, DocumentHash> hashes = HashMap.newHashMap(keys.size());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, array(connection, keys));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    byte[] hash = row.getBytes(2);
                    if (hash.length == DocumentHash.BYTES) {
                        hashes.put(table.keyType().parse(row.getString(1)), DocumentHash.fromBytes(hash));
                    }
                }
            }
        }
        return hashes;
    }

    /** Removes every chunk of the documents. */
    public void delete(Connection connection, Collection<Key> keys) throws SQLException {
        Optional<KeyBounds> bounds = KeyBounds.of(keys);
        // In a first pass nothing stands between the keys of a window: one look at the index tells, instead of one a
        // key.
        String sql = "DELETE FROM %1$s WHERE %2$s = ANY (?)%3$s"
                .formatted(
                        table.name().sql(),
                        table.key(),
                        bounds.isPresent()
                                ? " AND EXISTS (SELECT FROM %s WHERE %s BETWEEN ? AND ?)"
                                        .formatted(table.name().sql(), table.key())
                                : "");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, array(connection, keys));
            if (bounds.isPresent()) {
                statement.setObject(2, value(bounds.get().first()));
                statement.setObject(3, value(bounds.get().last()));
            }
            statement.executeUpdate();
        }
    }

    /**
     * Removes the documents of a range of keys whose key is not among the given ones.
     *
     * @return how many documents
     */
    public long deleteOthers(Connection connection, KeyRange range, Collection<Key> keys) throws SQLException {
        String sql = """
                WITH gone AS (
                  DELETE FROM %1$s WHERE %2$s AND %3$s AND %4$s <> ALL (?) RETURNING %4$s)
                SELECT count(DISTINCT %4$s) FROM gone
                """.formatted(
                        table.name().sql(),
                        range.after().isPresent() ? table.key() + " > ?" : "true",
                        range.through().isPresent() ? table.key() + " <= ?" : "true",
                        table.key());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int parameter = 1;
            if (range.after().isPresent()) {
                statement.setObject(parameter++, value(range.after().get()));
            }
            if (range.through().isPresent()) {
                statement.setObject(parameter++, value(range.through().get()));
            }
            statement.setArray(parameter, array(connection, keys));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /**
     * Removes the documents whose key was not read in the run: neither noted in document_keys nor failed.
     *
     * @return how many documents
     */
    public long deleteUnread(Connection connection, long run) throws SQLException {
        String sql = """
                WITH gone AS (
                  DELETE FROM %1$s AS stored WHERE NOT EXISTS (
                      SELECT FROM embedding_operator.document_keys
                      WHERE run_id = ? AND key = stored.%2$s::text COLLATE "C")
                    AND NOT EXISTS (
                      SELECT FROM embedding_operator.failed_documents
                      WHERE run_id = ? AND key = stored.%2$s::text)
                  RETURNING %2$s)
                SELECT count(DISTINCT %2$s) FROM gone
                """.formatted(table.name().sql(), table.key());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.setLong(2, run);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private Array array(Connection connection, Collection<Key> keys) throws SQLException {
        String type = switch (table.keyType()) {
            case KeyType.INTEGER -> "int4";
            case KeyType.BIGINT -> "int8";
            case KeyType.TEXT -> "text";
            case KeyType.UUID -> "uuid";
        };
        Object values = switch (table.keyType()) {
            // Arrays of these travel in binary form.
            case KeyType.INTEGER -> numbers(keys).mapToInt(Math::toIntExact).toArray();
            case KeyType.BIGINT -> numbers(keys).toArray();
            case KeyType.TEXT, KeyType.UUID ->
                keys.stream().map(DocumentRows::value).toArray();
        };
        return connection.unwrap(PGConnection.class).createArrayOf(type, values);
    }

    private static LongStream numbers(Collection<Key> keys) {
        return keys.stream().mapToLong(key -> ((Key.Number) key).value());
    }

    private static Object value(Key key) {
        return switch (key) {
            case Key.Number number -> number.value();
            case Key.Text text -> text.value();
            case Key.Uuid uuid -> uuid.value();
        };
    }
}
