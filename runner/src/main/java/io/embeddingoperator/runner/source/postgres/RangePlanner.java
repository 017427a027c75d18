package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.source.ShardRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
        Optional<List<RowKey>> sampled = shards == 1 ? Optional.of(List.of()) : sampledBounds(connection, shards);
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

    private List<RowKey> exactBounds(Connection connection, int shards) throws SQLException {
        return quantiles(connection, queries.keys(""), shards, 1);
    }

    /** Empty where a sample would not do. */
    private Optional<List<RowKey>> sampledBounds(Connection connection, int shards) throws SQLException {
        double percent = 100.0 * blocksPerShard * shards / Math.max(1, size.blocks());
        // Of few changed rows a sample of blocks has next to none.
        if (queries.changes().isPresent()
                || !queries.table().kind().isStored()
                || size.rows() <= exactRows
                || percent > 30) {
            return Optional.empty();
        }
        String sample = queries.keys(" TABLESAMPLE SYSTEM (" + percent + ")");
        List<RowKey> bounds = quantiles(connection, sample, shards, (long) SAMPLED_ROWS_PER_SHARD * shards);
        return bounds.isEmpty() ? Optional.empty() : Optional.of(bounds);
    }

    /** The keys at 1/n, 2/n, … of n shards, equal ones once; none where there are too few rows. */
    private List<RowKey> quantiles(Connection connection, String keys, int shards, long leastRows) throws SQLException {
        String sql = queries.columns().key().columns().size() == 1
                ? quantilesOfOne(keys, shards, leastRows)
                : quantilesOfSeveral(keys, shards, leastRows);
        List<RowKey> bounds = new ArrayList<>();
        try (PreparedStatement statement = queries.prepare(connection, sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                bounds.add(queries.columns().key().read(row));
            }
        }
        return bounds;
    }

    /** The server sorts values alone, which takes it a sixth of the time that numbered rows do. */
    private String quantilesOfOne(String keys, int shards, long leastRows) {
        return """
                SELECT %1$s FROM (
                  SELECT DISTINCT unnest(percentile_disc((SELECT array_agg(i / %2$d::float8) FROM generate_series(1, %2$d - 1) i))
                    WITHIN GROUP (ORDER BY k0)) AS k0, count(*) AS total FROM (%3$s) keys) placed
                WHERE total >= %4$d ORDER BY k0""".formatted(queries.keyTexts(), shards, keys, leastRows);
    }

    /** A row has no percentile. */
    private String quantilesOfSeveral(String keys, int shards, long leastRows) {
        return """
                SELECT %1$s FROM (
                  SELECT *, row_number() OVER (ORDER BY %2$s) AS place, count(*) OVER () AS total FROM (%3$s) keys) placed
                WHERE total >= %4$d AND place < total AND place * %5$d / total > (place - 1) * %5$d / total
                ORDER BY place""".formatted(queries.keyTexts(), queries.keyNames(), keys, leastRows, shards);
    }

    /** Counts every range in one scan; one without documents joins a neighbour. */
    private List<CountedRange> count(Connection connection, List<RowKey> bounds) throws SQLException {
        List<CatalogColumn> key = queries.columns().key().columns();
        String parameters = IntStream.range(0, key.size())
                .mapToObj(i -> "?::%s[] AS b%d".formatted(key.get(i).type(), i))
                .collect(Collectors.joining(", "));
        String sql =
                "SELECT place, count(*) FROM (SELECT %s AS place FROM (%s) keys, (SELECT %s) bounds) placed GROUP BY place"
                        .formatted(place(0, bounds.size()), queries.keys(""), parameters);
        long[] documents = new long[bounds.size() + 1];
        try (PreparedStatement statement = queries.prepare(connection, sql)) {
            for (int i = 0; i < key.size(); i++) {
                int column = i;
                statement.setArray(
                        i + 1,
                        connection.createArrayOf(
                                key.get(i).type(),
                                bounds.stream()
                                        .map(bound -> bound.values().get(column))
                                        .toArray()));
            }
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
        RowKey after = null;
        for (int i : ends) {
            ranges.add(new CountedRange(new KeyBounds(after, bounds.get(i)), documents[i]));
            after = bounds.get(i);
        }
        long rest = Arrays.stream(documents).sum()
                - ranges.stream().mapToLong(CountedRange::documents).sum();
        ranges.add(new CountedRange(new KeyBounds(after, null), rest));
        return ranges;
    }

    /** SQL for the number of a key's range, which is one from the first to the last: halves are tried. */
    private String place(int first, int last) {
        if (first == last) {
            return Integer.toString(first);
        }
        int middle = (first + last) / 2;
        String bound = IntStream.range(0, queries.columns().key().columns().size())
                .mapToObj(i -> "b%d[%d]".formatted(i, middle + 1))
                .collect(Collectors.joining(", "));
        return "CASE WHEN (%s) <= (%s) THEN %s ELSE %s END"
                .formatted(queries.keyNames(), bound, place(first, middle), place(middle + 1, last));
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
