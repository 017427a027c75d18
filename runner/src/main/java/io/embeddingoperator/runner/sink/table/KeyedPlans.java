package io.embeddingoperator.runner.sink.table;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Lets statements that name thousands of keys use the index, also where the planner believes it dear. A table that is being filled
 * has no statistics yet, and then a plan made for the very keys reads the whole table, each window anew.
 */
public final class KeyedPlans {
    private static final List<String> SETTINGS =
            List.of("plan_cache_mode = force_generic_plan", "enable_seqscan = off", "jit = off");

    private KeyedPlans() {}

    /** For the rest of the transaction. */
    public static void use(Connection connection) throws SQLException {
        use(connection, List.of());
    }

    /** For the rest of the transaction, after other statements whose answers do not matter. */
    public static void use(Connection connection, List<String> before) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : before) {
                statement.addBatch(sql);
            }
            for (String setting : SETTINGS) {
                statement.addBatch("SET LOCAL " + setting);
            }
            statement.executeBatch();
        }
    }
}
