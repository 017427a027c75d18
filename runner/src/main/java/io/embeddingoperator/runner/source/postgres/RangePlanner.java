package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.source.ShardRange;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Divides a table into ranges of keys with about as many documents each. Quantiles of all keys are exact and cost a sort;
 * those of a sample of blocks cost next to nothing, and a count over the table shows whether they are good enough.
 *
 * @param size of the table
 * @param exactRows tables with no more rows than this are not sampled
 * @param blocksPerShard in a sample
 */
record RangePlanner(TableQueries queries, TableSize size, long exactRows, long blocksPerShard) {
    static final long EXACT_ROWS = 2_000_000;

    /** Where keys follow the order of blocks, these bound the error of a range's size to about a tenth. */
    static final long BLOCKS_PER_SHARD = 1_000;

    private static final int SAMPLED_ROWS_PER_SHARD = 200;
    private static final double GOOD_BALANCE = 1.2;

    List<ShardRange> plan(Connection connection, int shards) throws SQLException {
        List<CountedRange> ranges = ranges(connection, shards);
        long withoutKey = queries.columns().key().nullable() ? countWithoutKey(connection) : 0;
        List<ShardRange> plan = new ArrayList<>(ranges.size());
        for (int shard = 0; shard < ranges.size(); shard++) {
            CountedRange range = ranges.get(shard);
            // The first range's reader also reports the rows without a key.
            long work = range.documents() + (shard == 0 ? withoutKey : 0);
            plan.add(new ShardRange(shard, range.bounds().definition(), work));
        }
        return plan;
    }

    private List<CountedRange> ranges(Connection connection, int shards) throws SQLException {
        Optional<List<String>> sampled = shards == 1 ? Optional.of(List.of()) : sampledBounds(connection, shards);
        if (sampled.isPresent()) {
            List<CountedRange> ranges = count(connection, sampled.get());
            if (isBalanced(ranges, shards)) {
                return ranges;
            }
        }
        return count(connection, exactBounds(connection, shards));
    }

    private static boolean isBalanced(List<CountedRange> ranges, int shards) {
        long total = ranges.stream().mapToLong(CountedRange::documents).sum();
        long largest = ranges.stream().mapToLong(CountedRange::documents).max().orElse(0);
        return largest <= GOOD_BALANCE * total / shards;
    }

    private List<String> exactBounds(Connection connection, int shards) throws SQLException {
        return quantiles(connection, queries.keys(""), shards, 1).orElse(List.of());
    }

    /** Empty where a sample would not do. */
    private Optional<List<String>> sampledBounds(Connection connection, int shards) throws SQLException {
        double percent = 100.0 * blocksPerShard * shards / Math.max(1, size.blocks());
        if (!queries.table().kind().isStored() || size.rows() <= exactRows || percent > 30) {
            return Optional.empty();
        }
        String sample = queries.keys(" TABLESAMPLE SYSTEM (" + percent + ")");
        return quantiles(connection, sample, shards, (long) SAMPLED_ROWS_PER_SHARD * shards);
    }

    /** The keys at 1/n, 2/n, … of n shards, equal ones once; empty where there are too few rows. */
    private Optional<List<String>> quantiles(Connection connection, String keys, int shards, long leastRows)
            throws SQLException {
        String sql = "SELECT (percentile_disc(?) WITHIN GROUP (ORDER BY k))::text[], count(*) FROM (" + keys + ") keys";
        Object[] fractions = DoubleStream.iterate(1, i -> i < shards, i -> i + 1)
                .mapToObj(i -> i / shards)
                .toArray();
        try (PreparedStatement statement = queries.prepare(connection, sql)) {
            statement.setArray(1, connection.createArrayOf("float8", fractions));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getLong(2) < leastRows) {
                    return Optional.empty();
                }
                return Optional.of(List.copyOf(new LinkedHashSet<>(
                        Arrays.asList((String[]) row.getArray(1).getArray()))));
            }
        }
    }

    /** Counts every range in one scan; one without documents joins a neighbour. */
    private List<CountedRange> count(Connection connection, List<String> bounds) throws SQLException {
        String sql = """
                SELECT bucket - CASE WHEN k = bounds[bucket] THEN 1 ELSE 0 END, count(*)
                FROM (SELECT k, bounds, width_bucket(k, bounds) AS bucket
                      FROM (%s) keys CROSS JOIN (SELECT ?::%s[] AS bounds) parameters) placed
                GROUP BY 1""".formatted(queries.keys(""), queries.keyType());
        long[] documents = new long[bounds.size() + 1];
        try (PreparedStatement statement = queries.prepare(connection, sql)) {
            Array array = connection.createArrayOf(queries.keyType(), bounds.toArray());
            statement.setArray(1, array);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    documents[rows.getInt(1)] = rows.getLong(2);
                }
            }
        }
        int[] ends = IntStream.range(0, bounds.size())
                .filter(i -> documents[i] > 0
                        && IntStream.range(i + 1, documents.length).anyMatch(j -> documents[j] > 0))
                .toArray();
        List<CountedRange> ranges = new ArrayList<>(ends.length + 1);
        String after = null;
        for (int i : ends) {
            ranges.add(new CountedRange(new KeyBounds(after, bounds.get(i)), documents[i]));
            after = bounds.get(i);
        }
        long rest = Arrays.stream(documents).sum()
                - ranges.stream().mapToLong(CountedRange::documents).sum();
        ranges.add(new CountedRange(new KeyBounds(after, null), rest));
        return ranges;
    }

    private long countWithoutKey(Connection connection) throws SQLException {
        try (PreparedStatement statement = queries.prepare(connection, queries.countWithoutKey());
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private record CountedRange(KeyBounds bounds, long documents) {}
}
