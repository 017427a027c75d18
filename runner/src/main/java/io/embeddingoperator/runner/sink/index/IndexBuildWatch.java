package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.runner.postgres.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Asks the server how far the index build on a table is, in any process. */
public final class IndexBuildWatch {
    private IndexBuildWatch() {}

    /** Empty when none is under way. */
    public static Optional<IndexProgress> look(Connection connection, TableName table) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT phase, blocks_done, blocks_total FROM pg_stat_progress_create_index"
                        + " WHERE relid = to_regclass(?)")) {
            statement.setString(1, table.sql());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new IndexProgress(row.getString(1), row.getLong(2), row.getLong(3)))
                        : Optional.empty();
            }
        }
    }
}
