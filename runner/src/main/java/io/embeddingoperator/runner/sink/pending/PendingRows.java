package io.embeddingoperator.runner.sink.pending;

import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.postgres.BinaryCopy;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.BatchContents;
import io.embeddingoperator.runner.sink.batch.PendingTotals.Amount;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.StoredMetadata;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.source.KeyRange;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * The table embedding_operator.pending_documents: what waits for its vectors.
 *
 * <p>A row is {@code unread} where a run took it over with a live batch and has not read its document yet: it may be gone from
 * the source, or be another one by now.
 */
public final class PendingRows {
    private static final String COLUMNS =
            "document_id, xmin::text::bigint AS version, key, location, document_hash, text, metadata, chunks, bytes, oversize,"
                    + " attempt, unread, ordinal";

    private static final String REMOVED = "document_id, ordinal, key, location, unread";

    private static final int FIELDS = 12;

    private final Run run;
    private final int shard;

    public PendingRows(Run run, int shard) {
        this.run = run;
        this.shard = shard;
    }

    /** A row with what tells whether it is still the same. */
    public record Row(Version version, int ordinal, int attempt, boolean unread, WaitingDocument document) {}

    /**
     * A row as one transaction left it.
     *
     * @param id the row's number, which no other row ever has
     * @param transaction that wrote it last
     */
    public record Version(long id, long transaction) {}

    /** What is known of a row by its key. */
    public record Known(long id, DocumentHash hash) {}

    /** What is left of a row that was removed. */
    public record Removed(long id, int ordinal, String key, String location, boolean unread) {}

    /** Adds documents that have no rows. */
    public void insert(Connection connection, EmbeddingTable table, List<WaitingDocument> documents)
            throws SQLException {
        String sql = "COPY embedding_operator.pending_documents (run_id, shard, key, location, document_hash, text,"
                + " metadata, chunks, inputs, tokens, bytes, oversize) FROM STDIN WITH (FORMAT binary)";
        try (BinaryCopy copy = BinaryCopy.start(connection, sql)) {
            for (WaitingDocument waiting : documents) {
                Document document = waiting.document();
                copy.row(FIELDS);
                copy.int8(run.id());
                copy.int4(shard);
                copy.text(document.key().toString());
                copy.text(FailedDocuments.storable(document.location()));
                copy.bytes(waiting.hash().toBytes());
                copy.text(document.text());
                copy.text(StoredMetadata.write(table.metadata(), document.metadata()));
                copy.int4Array(spans(waiting.chunks()));
                copy.int4(waiting.chunks().size());
                copy.int8(waiting.tokens());
                copy.int8(waiting.lineBytes());
                copy.bool(waiting.oversize());
            }
            copy.finish();
        }
    }

    /** Rows of the whole run by key, locked: an import of another shard comes before or after, never in between. */
    public Map<String, Known> find(Connection connection, Collection<String> keys) throws SQLException {
        return find(connection, keys, "true");
    }

    /** Rows of this shard that are in no batch by key, locked. */
    public Map<String, Known> findUnassigned(Connection connection, Collection<String> keys) throws SQLException {
        return find(connection, keys, "batch_id IS NULL AND shard = " + shard);
    }

    private Map<String, Known> find(Connection connection, Collection<String> keys, String condition)
            throws SQLException {
        String sql = """
                SELECT key, document_id, document_hash FROM embedding_operator.pending_documents
                WHERE run_id = ? AND key = ANY (?) AND %s ORDER BY document_id FOR UPDATE
                """.formatted(condition);
        Map<String, Known> known = HashMap.newHashMap(keys.size());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setArray(2, connection.createArrayOf("text", keys.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    known.put(row.getString(1), new Known(row.getLong(2), DocumentHash.fromBytes(row.getBytes(3))));
                }
            }
        }
        return known;
    }

    /** Marks a row as read by this run, which brings its place and metadata along. */
    public void confirm(Connection connection, EmbeddingTable table, Map<Long, Document> documents)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE embedding_operator.pending_documents"
                + " SET unread = false, location = ?, metadata = ? WHERE document_id = ?")) {
            for (Map.Entry<Long, Document> entry : documents.entrySet()) {
                Document document = entry.getValue();
                statement.setString(1, FailedDocuments.storable(document.location()));
                statement.setString(2, StoredMetadata.write(table.metadata(), document.metadata()));
                statement.setLong(3, entry.getKey());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Whether the run began with documents of the one before it. */
    public boolean tookOver(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT took_over FROM embedding_operator.runs WHERE run_id = ?")) {
            statement.setLong(1, run.id());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Removes unread rows of a range of keys whose document is gone. */
    public void removeGone(Connection connection, KeyType type, KeyRange range, Collection<Key> present)
            throws SQLException {
        String key = "key::" + type.sqlName();
        String sql = """
                DELETE FROM embedding_operator.pending_documents
                WHERE run_id = ? AND unread AND key <> ALL (?) AND %s AND %s
                """.formatted(
                        range.after().isPresent() ? "%s > ?::%s".formatted(key, type.sqlName()) : "true",
                        range.through().isPresent() ? "%s <= ?::%s".formatted(key, type.sqlName()) : "true");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setArray(2, texts(connection, present));
            int parameter = 3;
            if (range.after().isPresent()) {
                statement.setString(parameter++, range.after().get().toString());
            }
            if (range.through().isPresent()) {
                statement.setString(parameter, range.through().get().toString());
            }
            statement.executeUpdate();
        }
    }

    public void delete(Connection connection, Collection<Long> ids) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "DELETE FROM embedding_operator.pending_documents WHERE document_id = ANY (?)")) {
            statement.setArray(1, numbers(connection, ids));
            statement.executeUpdate();
        }
    }

    /** What the shard has in no batch: first what a batch may take, then what is too large for one. */
    public List<Amount> unassigned(Connection connection) throws SQLException {
        String sql = """
                SELECT count(*), coalesce(sum(inputs), 0), coalesce(sum(tokens), 0), coalesce(sum(bytes), 0)
                FROM embedding_operator.pending_documents
                WHERE run_id = ? AND shard = ? AND batch_id IS NULL AND oversize = ?
                """;
        List<Amount> amounts = new ArrayList<>(2);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            for (boolean oversize : new boolean[] {false, true}) {
                statement.setBoolean(3, oversize);
                amounts.add(amount(statement));
            }
        }
        return amounts;
    }

    private static Amount amount(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return new Amount(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
    }

    /**
     * Puts the oldest documents that fit into a batch.
     *
     * @return how much that is; nothing when not even the first one fits
     */
    public Amount assign(Connection connection, String batch, BatchCapacity capacity) throws SQLException {
        String sql = """
                WITH oldest AS (
                  SELECT document_id, row_number() OVER w - 1 AS ordinal, sum(inputs) OVER w AS inputs,
                    sum(tokens) OVER w AS tokens, sum(bytes) OVER w AS bytes
                  FROM (SELECT document_id, inputs, tokens, bytes FROM embedding_operator.pending_documents
                        WHERE run_id = ? AND shard = ? AND batch_id IS NULL AND NOT oversize
                        ORDER BY document_id LIMIT ?) candidate
                  WINDOW w AS (ORDER BY document_id ROWS UNBOUNDED PRECEDING)),
                taken AS (
                  UPDATE embedding_operator.pending_documents pending SET batch_id = ?, ordinal = oldest.ordinal
                  FROM oldest
                  WHERE pending.document_id = oldest.document_id
                    AND oldest.inputs <= ? AND oldest.tokens <= ? AND oldest.bytes <= ?
                  RETURNING pending.inputs, pending.tokens, pending.bytes)
                SELECT count(*), coalesce(sum(inputs), 0), coalesce(sum(tokens), 0), coalesce(sum(bytes), 0) FROM taken
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            statement.setInt(3, capacity.inputs());
            statement.setString(4, batch);
            statement.setLong(5, capacity.inputs());
            statement.setLong(6, capacity.tokens());
            statement.setLong(7, capacity.bytes());
            return amount(statement);
        }
    }

    /**
     * The next documents of a batch in the order of their ordinals; none only when there are no more.
     *
     * @param from the first ordinal
     * @param bytes after which no more are read
     */
    public List<Row> read(
            Connection connection, EmbeddingTable table, String batch, int from, int documents, long bytes)
            throws SQLException {
        String sql = """
                SELECT %s FROM embedding_operator.pending_documents WHERE batch_id = ? AND ordinal = ANY (ARRAY(
                  SELECT ordinal FROM (
                    SELECT ordinal, sum(bytes) OVER (ORDER BY ordinal) - bytes AS before
                    FROM (SELECT ordinal, bytes FROM embedding_operator.pending_documents
                          WHERE batch_id = ? AND ordinal >= ? ORDER BY ordinal LIMIT ?) next) sums
                  WHERE before <= ?))
                ORDER BY ordinal
                """.formatted(COLUMNS);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, batch);
            statement.setString(2, batch);
            statement.setInt(3, from);
            statement.setInt(4, documents);
            statement.setLong(5, bytes);
            return rows(statement, table);
        }
    }

    /** Documents of a batch by ordinal, in the order of the ordinals. */
    public List<Row> find(Connection connection, EmbeddingTable table, String batch, Collection<Integer> ordinals)
            throws SQLException {
        String sql =
                "SELECT %s FROM embedding_operator.pending_documents WHERE batch_id = ? AND ordinal = ANY (?) ORDER BY ordinal"
                        .formatted(COLUMNS);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, batch);
            statement.setArray(2, integers(connection, ordinals));
            return rows(statement, table);
        }
    }

    /** Removes documents of a batch by ordinal, and says by ordinal which rows that were. */
    public Map<Integer, Version> take(Connection connection, String batch, Collection<Integer> ordinals)
            throws SQLException {
        String sql = """
                DELETE FROM embedding_operator.pending_documents WHERE batch_id = ? AND ordinal = ANY (?)
                RETURNING ordinal, document_id, xmin::text::bigint
                """;
        Map<Integer, Version> taken = HashMap.newHashMap(ordinals.size());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, batch);
            statement.setArray(2, integers(connection, ordinals));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    taken.put(row.getInt(1), new Version(row.getLong(2), row.getLong(3)));
                }
            }
        }
        return taken;
    }

    /**
     * Unassigned documents in the order in which they were read.
     *
     * @param oversizeOnly whether those that a batch could take are left out
     * @param bytes after which no more are read
     */
    public List<Row> unassigned(
            Connection connection, EmbeddingTable table, boolean oversizeOnly, int documents, long bytes)
            throws SQLException {
        String sql = """
                SELECT %s FROM embedding_operator.pending_documents WHERE document_id = ANY (ARRAY(
                  SELECT document_id FROM (
                    SELECT document_id, sum(bytes) OVER (ORDER BY document_id) - bytes AS before
                    FROM (SELECT document_id, bytes FROM embedding_operator.pending_documents
                          WHERE run_id = ? AND shard = ? AND batch_id IS NULL AND (oversize OR NOT ?)
                          ORDER BY document_id LIMIT ?) oldest) sums
                  WHERE before <= ?))
                ORDER BY document_id
                """.formatted(COLUMNS);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            statement.setBoolean(3, oversizeOnly);
            statement.setInt(4, documents);
            statement.setLong(5, bytes);
            return rows(statement, table);
        }
    }

    /** What still waits in a batch. */
    public static BatchContents contents(Connection connection, String batch, int documents) throws SQLException {
        BatchContents contents = BatchContents.nothing(documents);
        try (PreparedStatement statement = connection.prepareStatement("SELECT ordinal, inputs, octet_length(text)"
                + " FROM embedding_operator.pending_documents WHERE batch_id = ?")) {
            statement.setString(1, batch);
            statement.setFetchSize(10_000);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    contents.inputs()[row.getInt(1)] = row.getInt(2);
                    contents.textBytes()[row.getInt(1)] = row.getInt(3);
                }
            }
        }
        return contents;
    }

    /** Removes documents of a batch by ordinal. */
    public static List<Removed> remove(Connection connection, String batch, Collection<Integer> ordinals)
            throws SQLException {
        if (ordinals.isEmpty()) {
            return List.of();
        }
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM"
                + " embedding_operator.pending_documents WHERE batch_id = ? AND ordinal = ANY (?) RETURNING "
                + REMOVED)) {
            statement.setString(1, batch);
            statement.setArray(2, integers(connection, ordinals));
            return removed(statement);
        }
    }

    /**
     * Takes all documents out of a batch; those that were tried too often are removed, and so are unread ones.
     *
     * @param tried ordinals of documents that it counts as an attempt for
     * @param othersCount whether it does for all others as well
     */
    public static List<Removed> release(
            Connection connection, String batch, Collection<Integer> tried, boolean othersCount, int maxAttempts)
            throws SQLException {
        String attempts = "attempt + CASE WHEN ? OR ordinal = ANY (?) THEN 1 ELSE 0 END";
        Array ordinals = integers(connection, tried);
        List<Removed> removed;
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM"
                + " embedding_operator.pending_documents WHERE batch_id = ? AND (unread OR " + attempts
                + " >= ?) RETURNING " + REMOVED)) {
            statement.setString(1, batch);
            statement.setBoolean(2, othersCount);
            statement.setArray(3, ordinals);
            statement.setInt(4, maxAttempts);
            removed = removed(statement);
        }
        try (PreparedStatement statement = connection.prepareStatement("UPDATE embedding_operator.pending_documents"
                + " SET batch_id = NULL, ordinal = NULL, attempt = " + attempts + " WHERE batch_id = ?")) {
            statement.setBoolean(1, othersCount);
            statement.setArray(2, ordinals);
            statement.setString(3, batch);
            statement.executeUpdate();
        }
        return removed;
    }

    /** Removes all documents of the shard that are in no batch. */
    public void discardUnassigned(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM"
                + " embedding_operator.pending_documents WHERE run_id = ? AND shard = ? AND batch_id IS NULL")) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            statement.executeUpdate();
        }
    }

    private static List<Removed> removed(PreparedStatement statement) throws SQLException {
        List<Removed> removed = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                removed.add(new Removed(
                        row.getLong(1), row.getInt(2), row.getString(3), row.getString(4), row.getBoolean(5)));
            }
        }
        return removed;
    }

    private static List<Row> rows(PreparedStatement statement, EmbeddingTable table) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                Document document = new Document(
                        table.keyType().parse(row.getString("key")),
                        row.getString("text"),
                        StoredMetadata.read(table.metadata(), row.getString("metadata")),
                        row.getString("location"));
                rows.add(new Row(
                        new Version(row.getLong("document_id"), row.getLong("version")),
                        row.getInt("ordinal"),
                        row.getInt("attempt"),
                        row.getBoolean("unread"),
                        new WaitingDocument(
                                document,
                                DocumentHash.fromBytes(row.getBytes("document_hash")),
                                chunks(row.getArray("chunks")),
                                row.getLong("bytes"),
                                row.getBoolean("oversize"))));
            }
        }
        return rows;
    }

    /** Four numbers a chunk: start, end, tokens, and 1 where it was truncated. */
    private static int[] spans(List<Chunk> chunks) {
        int[] spans = new int[4 * chunks.size()];
        int at = 0;
        for (Chunk chunk : chunks) {
            spans[at++] = chunk.start();
            spans[at++] = chunk.end();
            spans[at++] = chunk.tokens();
            spans[at++] = chunk.truncated() ? 1 : 0;
        }
        return spans;
    }

    private static List<Chunk> chunks(Array array) throws SQLException {
        Integer[] spans = (Integer[]) array.getArray();
        List<Chunk> chunks = new ArrayList<>(spans.length / 4);
        for (int i = 0; i < spans.length; i += 4) {
            // Providers that take batches count in tokens of bytes, which know every text.
            chunks.add(new Chunk(i / 4, spans[i], spans[i + 1], spans[i + 2], spans[i + 3] == 1, false));
        }
        return chunks;
    }

    private static Array texts(Connection connection, Collection<Key> keys) throws SQLException {
        return connection.createArrayOf("text", keys.stream().map(Key::toString).toArray());
    }

    /** Arrays of primitives travel in binary form. */
    private static Array integers(Connection connection, Collection<Integer> values) throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .createArrayOf(
                        "int4", values.stream().mapToInt(Integer::intValue).toArray());
    }

    private static Array numbers(Connection connection, Collection<Long> ids) throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .createArrayOf("int8", ids.stream().mapToLong(Long::longValue).toArray());
    }
}
