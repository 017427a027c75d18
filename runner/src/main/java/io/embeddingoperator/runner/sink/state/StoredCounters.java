package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.api.contract.Counts;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The counters of a shard: those of its row of embedding_operator.shards, and what {@link UnknownChunks} holds beside it. */
final class StoredCounters {
    private static final String OF_ROW =
            "work, embedded, skipped, failed, chunks, tokens, truncated_chunks, orphans_deleted";

    static final String COLUMNS = OF_ROW + ", " + UnknownChunks.OF_SHARD + " AS unknown_chunks";

    /** The same over many rows, each under the name of its column; no rows sum up to nothing. */
    static final String SUMS = Stream.concat(
                    Arrays.stream(OF_ROW.split(", ")).map("coalesce(sum(%1$s), 0)::bigint AS %1$s"::formatted),
                    Stream.of("sum(" + UnknownChunks.OF_SHARD + ")::bigint AS unknown_chunks"))
            .collect(Collectors.joining(", "));

    static final String ASSIGNMENTS = "work = ?, embedded = ?, skipped = ?, failed = ?, chunks = ?, tokens = ?,"
            + " truncated_chunks = ?, orphans_deleted = ?";

    static final int COUNT = 8;

    private StoredCounters() {}

    static Counts read(ResultSet row) throws SQLException {
        return new Counts(
                row.getLong("work"),
                row.getLong("embedded"),
                row.getLong("skipped"),
                row.getLong("failed"),
                row.getLong("chunks"),
                row.getLong("tokens"),
                row.getLong("truncated_chunks"),
                row.getLong("unknown_chunks"),
                row.getLong("orphans_deleted"));
    }

    /** Binds {@link #ASSIGNMENTS} from the given parameter on. */
    static void bind(PreparedStatement statement, int first, Counts counters) throws SQLException {
        statement.setLong(first, counters.work());
        statement.setLong(first + 1, counters.embedded());
        statement.setLong(first + 2, counters.skipped());
        statement.setLong(first + 3, counters.failed());
        statement.setLong(first + 4, counters.chunks());
        statement.setLong(first + 5, counters.tokens());
        statement.setLong(first + 6, counters.truncatedChunks());
        statement.setLong(first + 7, counters.removed());
    }
}
