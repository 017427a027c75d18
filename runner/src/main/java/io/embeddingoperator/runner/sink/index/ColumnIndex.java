package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.table.PresentTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * An index over one column of all rows. It is known by what it indexes and how, not by its name, so that one that a person made
 * serves as well.
 *
 * @param method such as hnsw or gin
 * @param operatorClass its bare name
 */
record ColumnIndex(TableName table, String method, String column, String operatorClass) {
    private record Found(String name, boolean valid) {}

    /** Whether a valid one is there. */
    boolean exists(Connection connection) throws SQLException {
        return find(connection).stream().anyMatch(Found::valid);
    }

    /** Removes what builds left that did not come to their end. */
    void dropInvalid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (Found found : find(connection)) {
                if (!found.valid()) {
                    statement.execute(
                            "DROP INDEX CONCURRENTLY %s".formatted(new TableName(table.schema(), found.name()).sql()));
                }
            }
        }
    }

    /**
     * Builds one without locking out readers and writers; a partitioned table's index cannot be built so.
     *
     * @param schema of the operator class
     * @param suffix of the index's name, behind the table's
     * @param options behind the columns; may be empty
     */
    void create(Connection connection, String schema, String suffix, String options) throws SQLException {
        boolean partitioned = PresentTable.find(connection, table)
                .map(PresentTable::isPartitioned)
                .orElse(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE INDEX %s%s ON %s USING %s (%s %s.%s) %s"
                    .formatted(
                            partitioned ? "" : "CONCURRENTLY ",
                            Identifier.quote(Identifier.withSuffix(table.table(), suffix)),
                            table.sql(),
                            method,
                            Identifier.quote(column),
                            Identifier.quote(schema),
                            operatorClass,
                            options));
        }
    }

    private List<Found> find(Connection connection) throws SQLException {
        String sql = """
                SELECT c.relname, i.indisvalid
                FROM pg_index i
                JOIN pg_class c ON c.oid = i.indexrelid
                JOIN pg_am m ON m.oid = c.relam
                JOIN pg_opclass o ON o.oid = i.indclass[0]
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = to_regclass(?) AND m.amname = ? AND o.opcname = ?
                  AND a.attname = ? AND i.indpred IS NULL
                """;
        List<Found> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.sql());
            statement.setString(2, method);
            statement.setString(3, operatorClass);
            statement.setString(4, column);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(new Found(row.getString(1), row.getBoolean(2)));
                }
            }
        }
        return found;
    }
}
