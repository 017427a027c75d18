package io.embeddingoperator.runner.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The connection through which the tests of this JVM look at the database that they looked at last. Opening one takes some 30 ms
 * of processor time, of this JVM and of the server, and a look through an open one less than 1 ms; tests look every 20 ms.
 */
public final class KeptConnection {
    private static final int PATIENCE_SECONDS = 60;

    private static String address = "";
    private static Connection connection;

    private KeptConnection() {}

    /** What a query's rows are made into. */
    @FunctionalInterface
    public interface Reading<T> {
        T of(ResultSet rows) throws SQLException;
    }

    /** Asks the database of a libpq URI, each query in a transaction of its own. */
    public static synchronized <T> T ask(String uri, String query, Reading<T> reading) {
        try (Statement statement = to(uri).createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return reading.of(rows);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Opens another one where the last one leads elsewhere, or its server has ended since. */
    private static Connection to(String uri) throws SQLException {
        if (address.equals(uri) && connection.isValid(PATIENCE_SECONDS)) {
            return connection;
        }
        if (connection != null) {
            connection.close();
        }
        connection = TestingPostgres.connect(uri);
        address = uri;
        return connection;
    }
}
