package io.embeddingoperator.runner.sink.generation;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Questions to the server's catalogue about one table. */
final class Catalogue {
    private Catalogue() {}

    /**
     * The first column of what a query finds.
     *
     * @param table the oid that is the query's only parameter
     */
    static List<String> texts(Connection connection, String sql, long table) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, table);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    texts.add(row.getString(1));
                }
            }
        }
        return texts;
    }
}
