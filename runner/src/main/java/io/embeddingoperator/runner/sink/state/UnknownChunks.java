package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.sink.run.Run;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The table embedding_operator.unknown_chunks: how many chunks of a shard are mostly unknown to the model, where there are any. */
public final class UnknownChunks {
    /** Of the shard of a row of embedding_operator.shards; null where there are none. */
    static final String OF_SHARD = "(SELECT unknown.chunks FROM embedding_operator.unknown_chunks unknown"
            + " WHERE unknown.run_id = shards.run_id AND unknown.shard = shards.shard)";

    private UnknownChunks() {}

    /** Counts more of them, in the transaction that holds the shard's row and writes them. */
    public static void add(Connection connection, Run run, int shard, long chunks) throws SQLException {
        if (chunks == 0) {
            return;
        }
        try (PreparedStatement statement =
                connection.prepareStatement(ShardSum.UNKNOWN_CHUNKS.add("VALUES (?, ?, ?)"))) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            statement.setLong(3, chunks);
            statement.executeUpdate();
        }
    }
}
