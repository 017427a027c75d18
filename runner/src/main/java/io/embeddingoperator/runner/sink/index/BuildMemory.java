package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.runner.postgres.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of an index build. A graph that does not fit maintenance_work_mem is built many times slower, so the
 * session gets what the graph is likely to need: at the most 1 GB or the server's shared_buffers, whichever is more,
 * because these tell what its machine can bear; never less than the server's own setting.
 */
final class BuildMemory {
    private static final Logger log = LoggerFactory.getLogger(BuildMemory.class);
    private static final long MEGABYTE = 1024 * 1024;
    private static final long ALWAYS_ALLOWED = 1024 * MEGABYTE;

    private BuildMemory() {}

    static void raise(Connection connection, TableName table, int m) throws SQLException {
        String sql = """
                SELECT pg_size_bytes(current_setting('maintenance_work_mem')) AS present,
                  pg_size_bytes(current_setting('shared_buffers')) AS shared_buffers,
                  pg_table_size(to_regclass(?)) AS table_size
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.sql());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                long present = row.getLong("present");
                long needed = needed(row.getLong("table_size"), m);
                long granted = Math.min(needed, Math.max(ALWAYS_ALLOWED, row.getLong("shared_buffers")));
                if (granted > present) {
                    set(connection, granted / MEGABYTE);
                }
                if (needed > Math.max(granted, present)) {
                    log.info(
                            "The HNSW graph may need {} MB and gets {} MB: raise maintenance_work_mem for a "
                                    + "faster build",
                            needed / MEGABYTE,
                            Math.max(granted, present) / MEGABYTE);
                }
            }
        }
    }

    /**
     * The table's bytes hold the vectors and more, which leaves room for the graph's links at the default m; a larger
     * m needs more of them.
     */
    private static long needed(long tableSize, int m) {
        return tableSize + tableSize * m / 32 + 64 * MEGABYTE;
    }

    private static void set(Connection connection, long megabytes) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET maintenance_work_mem = '%dMB'".formatted(megabytes));
        }
    }
}
