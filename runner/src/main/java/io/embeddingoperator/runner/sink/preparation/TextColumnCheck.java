package io.embeddingoperator.runner.sink.preparation;

import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.sink.index.TextIndex;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.sink.table.PresentTable.PresentColumn;
import io.embeddingoperator.runner.sink.table.TextColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Compares the column of a table's words with the one that is wanted. */
final class TextColumnCheck {
    /** No such configuration, no such schema, or no name at all. */
    private static final Set<String> UNKNOWN = Set.of("42704", "3F000", "42601", "42602", "0A000");

    private TextColumnCheck() {}

    /** Why the server cannot find words as the manifest says; empty where it can. */
    static Optional<String> refusal(Connection connection, TextColumn wanted) throws SQLException {
        return isKnown(connection, wanted)
                ? Optional.empty()
                : Optional.of(
                        "spec.sink.pgvector.textSearch.config is %s, which the server does not have: use one of %s"
                                .formatted(wanted.config(), configurations(connection)));
    }

    /** A number, and the dash that stands for nothing, pass for a name where none is looked up. */
    private static boolean isKnown(Connection connection, TextColumn wanted) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT FROM pg_ts_config WHERE oid = %s".formatted(wanted.configuration()));
                ResultSet row = statement.executeQuery()) {
            return row.next();
        } catch (SQLException e) {
            if (!UNKNOWN.contains(SqlFailure.state(e))) {
                throw e;
            }
            return false;
        }
    }

    private static String configurations(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT string_agg(oid::regconfig::text, ', ' ORDER BY"
                                + " oid::regconfig::text) FROM pg_ts_config");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    /**
     * Every difference that would keep words from being found, each as a clause of a sentence; none where {@link #refusal} says why
     * nothing can be compared.
     */
    static List<String> differences(Connection connection, EmbeddingTable table, PresentTable present)
            throws SQLException {
        if (table.text().isEmpty() || !present.isTable()) {
            return List.of();
        }
        TextColumn wanted = table.text().get();
        if (refusal(connection, wanted).isPresent()) {
            return List.of();
        }
        PresentColumn found = present.columns().get(TextColumn.NAME);
        if (found == null) {
            return List.of("column %s is missing (ALTER TABLE %s ADD %s, which writes the table anew)"
                    .formatted(TextColumn.NAME, present.name().sql(), wanted.definition()));
        }
        if (!found.type().equals(TextColumn.TYPE) || !found.generated()) {
            return List.of("column %s is %s, and not a %s that the server generates"
                    .formatted(TextColumn.NAME, found.type(), TextColumn.TYPE));
        }
        List<String> differences = new ArrayList<>();
        otherExpression(connection, wanted, present)
                .map(expression -> "column %s is generated as %s, and spec.sink.pgvector.textSearch.config is %s"
                        .formatted(TextColumn.NAME, expression, wanted.config()))
                .ifPresent(differences::add);
        if (!present.owned() && !new TextIndex(table.name()).exists(connection)) {
            differences.add("the role %s does not own it and cannot create the GIN index over %s: create the index"
                    .formatted(present.role(), TextColumn.NAME));
        }
        return differences;
    }

    private static Optional<String> otherExpression(Connection connection, TextColumn wanted, PresentTable present)
            throws SQLException {
        String sql = """
                SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
                JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                WHERE a.attrelid = ? AND a.attname = ?
                  AND pg_get_expr(d.adbin, d.adrelid) <> format('to_tsvector(%%L::regconfig, %s)', %s)
                """.formatted(EmbeddingTable.CONTENT, wanted.configuration());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, present.oid());
            statement.setString(2, TextColumn.NAME);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }
}
