package io.embeddingoperator.bench;

import io.embeddingoperator.runner.postgres.ConnectionUri;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The PostgreSQL database that the measurements have for themselves.
 *
 * @param uri libpq or JDBC form
 */
record Server(String uri) {
    void execute(String... statements) throws SQLException {
        try (Connection connection = connection().dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    ConnectionUri connection() {
        return ConnectionUri.parse("--uri", uri);
    }
}
