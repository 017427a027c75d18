package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.pipeline.StoredDocuments;
import io.embeddingoperator.runner.sink.state.Orphans;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyBounds;
import io.embeddingoperator.runner.source.KeyRange;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.postgresql.PGConnection;

/** Finds and removes the rows of documents by key. */
public final class DocumentRows {
    private static final String STORED = "stored";

    private final EmbeddingTable table;

    public DocumentRows(EmbeddingTable table) {
        this.table = table;
    }

    /** What stands in the table for the given keys, as far as first chunks tell. */
    public StoredDocuments stored(Connection connection, Collection<Key> keys) throws SQLException {
        String sql = """
                SELECT %1$s, document_hash, %3$s IS TRUE FROM %2$s AS stored WHERE %1$s = ANY (?) AND chunk = 0
                """.formatted(table.key(), table.name().sql(), table.mayReplace(STORED));
        Map<Key, DocumentHash> hashes = HashMap.newHashMap(keys.size());
        Set<Key> ofOthers = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, array(connection, keys));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Key key = table.keyType().parse(row.getString(1));
                    byte[] hash = row.getBytes(2);
                    if (!row.getBoolean(3)) {
                        ofOthers.add(key);
                    } else if (hash != null && hash.length == DocumentHash.BYTES) {
                        hashes.put(key, DocumentHash.fromBytes(hash));
                    }
                }
            }
        }
        return new StoredDocuments(hashes, ofOthers);
    }

    /**
     * Removes every chunk of the documents, as far as this job wrote them.
     *
     * @return the keys that have rows of another job or program; these stay
     */
    public Set<Key> delete(Connection connection, Collection<Key> keys) throws SQLException {
        Optional<KeyBounds> bounds = KeyBounds.of(keys);
        // In a first pass nothing stands between the keys of a window: one look at the index tells, instead of one a
        // key.
        String these = "%s = ANY (?)%s"
                .formatted(
                        table.key(),
                        bounds.isPresent()
                                ? " AND EXISTS (SELECT FROM %s WHERE %s BETWEEN ? AND ?)"
                                        .formatted(table.name().sql(), table.key())
                                : "");
        String sql = """
                WITH removed AS (DELETE FROM %1$s AS stored WHERE %2$s AND %4$s)
                SELECT DISTINCT %3$s FROM %1$s AS stored WHERE %2$s AND %4$s IS NOT TRUE
                """.formatted(table.name().sql(), these, table.key(), table.mayReplace(STORED));
        Set<Key> ofOthers = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Array array = array(connection, keys);
            int parameter = 1;
            for (int part = 0; part < 2; part++) {
                statement.setArray(parameter++, array);
                if (bounds.isPresent()) {
                    statement.setObject(parameter++, value(bounds.get().first()));
                    statement.setObject(parameter++, value(bounds.get().last()));
                }
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ofOthers.add(table.keyType().parse(row.getString(1)));
                }
            }
        }
        return ofOthers;
    }

    /**
     * Notes as orphans the documents of a range of keys that may be removed and whose key is not among the given ones.
     *
     * @param most orphans of the shard that are noted before they are only counted
     */
    public void noteOthers(Connection connection, long run, int shard, KeyRange range, Collection<Key> keys, long most)
            throws SQLException {
        String sql = """
                WITH gone (key) AS MATERIALIZED (
                  SELECT DISTINCT %2$s FROM %1$s AS stored WHERE %3$s AND %4$s AND %2$s <> ALL (?) AND %5$s)
                """.formatted(
                        table.name().sql(),
                        table.key(),
                        range.after().isPresent() ? table.key() + " > ?" : "true",
                        range.through().isPresent() ? table.key() + " <= ?" : "true",
                        table.mayRemove(STORED));
        try (PreparedStatement statement = connection.prepareStatement(sql + Orphans.NOTE_GONE)) {
            int parameter = 1;
            if (range.after().isPresent()) {
                statement.setObject(parameter++, value(range.after().get()));
            }
            if (range.through().isPresent()) {
                statement.setObject(parameter++, value(range.through().get()));
            }
            statement.setArray(parameter++, array(connection, keys));
            Orphans.bind(statement, parameter, run, shard, most);
            statement.executeUpdate();
        }
    }

    /**
     * Notes as orphans those of some documents that have rows which may be removed.
     *
     * @param most orphans of the shard that are noted before they are only counted
     */
    public void noteThese(Connection connection, long run, int shard, Collection<Key> keys, long most)
            throws SQLException {
        String sql = """
                WITH gone (key) AS MATERIALIZED (
                  SELECT DISTINCT %2$s FROM %1$s AS stored WHERE %2$s = ANY (?) AND %3$s
                    AND NOT EXISTS (
                      SELECT FROM embedding_operator.orphans WHERE run_id = ? AND key = stored.%2$s::text COLLATE "C"))
                """.formatted(table.name().sql(), table.key(), table.mayRemove(STORED));
        try (PreparedStatement statement = connection.prepareStatement(sql + Orphans.NOTE_GONE)) {
            statement.setArray(1, array(connection, keys));
            statement.setLong(2, run);
            Orphans.bind(statement, 3, run, shard, most);
            statement.executeUpdate();
        }
    }

    /**
     * Notes as orphans the documents that may be removed and whose key was not read in the run: neither noted in document_keys
     * nor failed nor noted already.
     *
     * @param most that are noted before they are only counted
     */
    public void noteUnread(Connection connection, long run, long most) throws SQLException {
        String sql = """
                WITH gone (key) AS MATERIALIZED (
                  SELECT DISTINCT %2$s FROM %1$s AS stored WHERE %3$s
                    AND NOT EXISTS (
                      SELECT FROM embedding_operator.document_keys
                      WHERE run_id = ? AND key = stored.%2$s::text COLLATE "C")
                    AND NOT EXISTS (
                      SELECT FROM embedding_operator.failed_documents
                      WHERE run_id = ? AND key = stored.%2$s::text)
                    AND NOT EXISTS (
                      SELECT FROM embedding_operator.orphans WHERE run_id = ? AND key = stored.%2$s::text COLLATE "C"))
                """.formatted(table.name().sql(), table.key(), table.mayRemove(STORED));
        try (PreparedStatement statement = connection.prepareStatement(sql + Orphans.NOTE_GONE)) {
            statement.setLong(1, run);
            statement.setLong(2, run);
            statement.setLong(3, run);
            Orphans.bind(statement, 4, run, 0, most);
            statement.executeUpdate();
        }
    }

    /**
     * Removes the orphans that were noted, unless their rows were written since.
     *
     * @return how many documents
     */
    public long deleteOrphans(Connection connection, long run) throws SQLException {
        String sql =
                """
                WITH gone AS (
                  DELETE FROM %1$s AS stored USING embedding_operator.orphans o
                  WHERE o.run_id = ? AND stored.%2$s = o.key::%3$s AND %4$s
                    AND (stored.embedded_at <= o.found_at) IS NOT FALSE
                  RETURNING stored.%2$s AS key)
                SELECT count(DISTINCT key) FROM gone
                """.formatted(table.name().sql(), table.key(), table.keyType().sqlName(), table.mayRemove(STORED));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
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
