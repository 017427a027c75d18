package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.postgres.Database;
import io.embeddingoperator.runner.postgres.SqlWork;
import io.embeddingoperator.runner.source.KeyDigests;
import io.embeddingoperator.runner.source.SourceKeys;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.LongStream;

/** The keys of the rows that meet the condition, as the server hashes them. */
record TableKeys(Database database, TableQueries queries) implements SourceKeys {
    private static final int FETCHED_ROWS = 10_000;

    @Override
    public KeyDigests digests(int buckets) {
        return comparing(connection -> {
            String sql = KeyDigests.sql(queries.documentKeys(), buckets);
            try (PreparedStatement statement = queries.prepare(connection, sql);
                    ResultSet rows = statement.executeQuery()) {
                return KeyDigests.read(rows, buckets);
            }
        });
    }

    @Override
    public long[] hashes(int buckets, int[] wanted) {
        return comparing(connection -> {
            String sql = KeyDigests.membersSql(queries.documentKeys(), buckets);
            LongStream.Builder hashes = LongStream.builder();
            try (PreparedStatement statement = queries.prepare(connection, sql)) {
                statement.setFetchSize(FETCHED_ROWS);
                statement.setArray(
                        1,
                        connection.createArrayOf(
                                "int4", Arrays.stream(wanted).boxed().toArray()));
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        hashes.add(rows.getLong(1));
                    }
                }
            }
            return hashes.build().sorted().toArray();
        });
    }

    private <T> T comparing(SqlWork<T> work) {
        String doing = "Comparing the keys of " + queries.table().name();
        try {
            return database.readRows(doing, connection -> {
                Database.waitFor(connection);
                return work.run(connection);
            });
        } catch (SQLException e) {
            throw database.failure(doing, e);
        }
    }
}
