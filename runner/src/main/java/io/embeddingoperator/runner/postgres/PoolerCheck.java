package io.embeddingoperator.runner.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Finds out whether each connection has a session of the server for itself. Behind a pooler in transaction or statement mode
 * it has not: settings and locks go to whichever session is free, stay there, and are another client's in the next moment.
 */
final class PoolerCheck {
    /** A setting of a session; the server takes any name with a dot in it. */
    private static final String MARK = "embedding_runner.connection";

    private PoolerCheck() {}

    /**
     * Marks the sessions of two connections and looks after the marks, in an order that no fixed turn of sessions keeps to: a
     * pool of one session shows the other's mark, one of several another session.
     *
     * @throws SpecificationException when a connection does not find its own session again
     */
    static void refuseSharedSessions(ConnectionUri uri, Connection first, Connection second) throws SQLException {
        Marked one = Marked.of(first, "first");
        Marked two = Marked.of(second, "second");
        boolean own = true;
        for (Marked marked : List.of(one, one, two, one, two, two)) {
            own = own && marked.isStillOwn();
        }
        if (!own) {
            throw new SpecificationException(
                    ("%s: %s is a connection pooler that gives a client another session of the server for each transaction or"
                                    + " statement, and the runner's locks and settings belong to a session: connect to PostgreSQL"
                                    + " itself, or to the pooler's port or database that pools sessions (pgbouncer: pool_mode ="
                                    + " session)")
                            .formatted(uri.variable(), uri));
        }
    }

    private record Marked(Connection connection, String mark, int process) {
        static Marked of(Connection connection, String mark) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_backend_pid(),"
                            + " pg_catalog.set_config('%s', '%s', false)".formatted(MARK, mark))) {
                row.next();
                return new Marked(connection, mark, row.getInt(1));
            }
        }

        boolean isStillOwn() throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_backend_pid(),"
                            + " pg_catalog.current_setting('%s', true)".formatted(MARK))) {
                row.next();
                return row.getInt(1) == process && mark.equals(row.getString(2));
            }
        }
    }
}
