package io.embeddingoperator.runner.sink.database;

import io.embeddingoperator.runner.postgres.SqlWork;
import java.sql.Connection;
import java.sql.SQLException;

/** One step of a session, whose statements commit one by one otherwise, that takes effect as a whole or not at all. */
public final class LocalTransaction {
    private LocalTransaction() {}

    /** Takes the step once, on this very connection. */
    public static <T> T of(Connection connection, SqlWork<T> step) throws SQLException {
        connection.setAutoCommit(false);
        T result;
        try {
            result = step.run(connection);
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            rollBack(connection, e);
            throw e;
        }
        connection.setAutoCommit(true);
        return result;
    }

    /** Not so that a failure of its own hides the first one. */
    private static void rollBack(Connection connection, Exception failure) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }
}
