package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.postgres.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The table embedding_operator.generations: the tables that runners made beside a live one. Only these are ever exchanged or
 * dropped: another table may bear such a name by chance.
 */
public final class Generations {
    private Generations() {}

    /** Whether a runner made the table; not so where another program made it anew under the same name. */
    public static boolean isMade(Connection connection, TableName table) throws SQLException {
        if (!StateSchema.hasGenerations(connection)) {
            return false;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT FROM embedding_operator.generations WHERE sink_table = ? AND relation = to_regclass(?)::oid")) {
            statement.setString(1, table.toString());
            statement.setString(2, table.sql());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Notes that the table, as it stands now, is one that a runner made. */
    public static void note(Connection connection, TableName table) throws SQLException {
        forget(connection, table);
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.generations (sink_table, relation) VALUES (?, to_regclass(?)::oid)")) {
            statement.setString(1, table.toString());
            statement.setString(2, table.sql());
            statement.executeUpdate();
        }
    }

    /** The table is an ordinary one from now on, or gone. */
    public static void forget(Connection connection, TableName table) throws SQLException {
        execute(connection, "DELETE FROM embedding_operator.generations WHERE sink_table = ?", table.toString());
    }

    /** What is recorded of a table goes over to another name, and what was recorded under that one is void. */
    public static void rename(Connection connection, TableName from, TableName to) throws SQLException {
        execute(connection, "DELETE FROM embedding_operator.table_owners WHERE sink_table = ?", to.toString());
        for (String table : new String[] {"runs", "table_owners"}) {
            execute(
                    connection,
                    "UPDATE embedding_operator.%s SET sink_table = ? WHERE sink_table = ?".formatted(table),
                    to.toString(),
                    from.toString());
        }
        forget(connection, from);
        forget(connection, to);
    }

    private static void execute(Connection connection, String sql, String... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
