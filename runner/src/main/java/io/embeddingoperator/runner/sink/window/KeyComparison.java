package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.source.KeyDigests;
import io.embeddingoperator.runner.source.SourceKeys;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds documents that have rows and are gone from a source of which a run has not read all: both servers digest their keys, and keys
 * are looked at one by one only where the digests differ.
 *
 * <p>The source is asked when all shards are complete. So each document that the run has written was there before, and a key that it
 * lacks now is gone. Rows of others make digests differ, and are not noted.
 */
record KeyComparison(EmbeddingTable table, SourceKeys source) {
    private static final int FETCHED_ROWS = 10_000;
    private static final int NOTED_KEYS = 1_000;

    /**
     * Notes them as orphans; a part of a transaction.
     *
     * @param documents that the source has, about
     * @param most that are noted before they are only counted
     */
    void noteGone(Connection connection, long run, long documents, long most) throws SQLException {
        int buckets = KeyDigests.bucketsFor(documents);
        int[] different = digests(connection, buckets).differences(source.digests(buckets));
        if (different.length > 0) {
            noteGone(connection, run, buckets, different, most);
        }
    }

    private KeyDigests digests(Connection connection, int buckets) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(KeyDigests.sql(keys(), buckets))) {
            return KeyDigests.read(rows, buckets);
        }
    }

    private void noteGone(Connection connection, long run, int buckets, int[] different, long most)
            throws SQLException {
        long[] present = source.hashes(buckets, different);
        DocumentRows rows = new DocumentRows(table);
        List<Key> gone = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(KeyDigests.membersSql(keys(), buckets))) {
            statement.setFetchSize(FETCHED_ROWS);
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "int4", Arrays.stream(different).boxed().toArray()));
            try (ResultSet stored = statement.executeQuery()) {
                while (stored.next()) {
                    if (Arrays.binarySearch(present, stored.getLong(1)) < 0) {
                        gone.add(table.keyType().parse(stored.getString(2)));
                    }
                    if (gone.size() == NOTED_KEYS) {
                        rows.noteThese(connection, run, 0, gone, most);
                        gone.clear();
                    }
                }
            }
        }
        if (!gone.isEmpty()) {
            rows.noteThese(connection, run, 0, gone, most);
        }
    }

    private String keys() {
        return "SELECT %s::text AS key FROM %s WHERE %s = 0"
                .formatted(table.key(), table.name().sql(), EmbeddingTable.CHUNK);
    }
}
