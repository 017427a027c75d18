package io.embeddingoperator.runner.source;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What tells whether two servers have the same keys: how many fall into each of some buckets, and the sum of their hashes.
 *
 * <p>A key falls where its hash says. Ranges of keys would not do: each server orders texts in its own way. The hash is of the key's
 * text in UTF-8, which all servers write alike for the types that keys have.
 *
 * @param buckets how many there are, a power of two
 * @param digests of those that are not empty
 */
public record KeyDigests(int buckets, Map<Integer, Digest> digests) {
    private static final int KEYS_OF_A_BUCKET = 128;
    private static final int MOST_BUCKETS = 1 << 18;

    /** @param sum of 64-bit hashes */
    public record Digest(long keys, String sum) {
        public Digest {
            Objects.requireNonNull(sum, "sum");
        }
    }

    public KeyDigests {
        digests = Map.copyOf(digests);
    }

    /** As many as make each of them small. */
    public static int bucketsFor(long keys) {
        return (int) Long.highestOneBit(Math.clamp(keys / KEYS_OF_A_BUCKET, 1, MOST_BUCKETS));
    }

    /**
     * SQL for them.
     *
     * @param keys a query with one column, key, of texts
     */
    public static String sql(String keys, int buckets) {
        return "SELECT %s, count(*), sum(hash)::text FROM (%s) hashed GROUP BY 1"
                .formatted(bucket(buckets), hashed(keys));
    }

    /** SQL for the keys and hashes of some buckets, which are a parameter. */
    public static String membersSql(String keys, int buckets) {
        return "SELECT hash, key FROM (%s) hashed WHERE %s = ANY (?)".formatted(hashed(keys), bucket(buckets));
    }

    public static KeyDigests read(ResultSet rows, int buckets) throws SQLException {
        Map<Integer, Digest> digests = new HashMap<>();
        while (rows.next()) {
            digests.put(rows.getInt(1), new Digest(rows.getLong(2), rows.getString(3)));
        }
        return new KeyDigests(buckets, digests);
    }

    /** The buckets in which the others have keys that these do not have, or lack some. */
    public int[] differences(KeyDigests others) {
        return IntStream.range(0, buckets)
                .filter(bucket -> !Objects.equals(digests.get(bucket), others.digests.get(bucket)))
                .toArray();
    }

    private static String bucket(int buckets) {
        return "(hash & %d)::int".formatted(buckets - 1);
    }

    private static String hashed(String keys) {
        // OFFSET keeps the server from computing a hash once for each place that names it.
        return "SELECT key, ('x' || left(md5(convert_to(key, 'UTF8')), 16))::bit(64)::bigint AS hash FROM (%s) keys OFFSET 0"
                .formatted(keys);
    }
}
