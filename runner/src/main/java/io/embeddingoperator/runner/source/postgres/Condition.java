package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.SqlFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.core.Parser;

/**
 * The manifest's condition on rows.
 *
 * @param text as written; {@code true} where the manifest has none
 */
record Condition(String text) {
    static Condition of(String where) {
        return new Condition(where == null ? "true" : where);
    }

    /** In parentheses, for a prepared statement. A comment at its end cannot swallow what follows. */
    String sql() {
        return "(\n" + withQuestionMarksEscaped() + "\n)";
    }

    /**
     * Lets the server read the condition without running it.
     *
     * @throws SpecificationException with the server's words
     */
    void check(Connection connection, CatalogTable table) throws SQLException {
        String from = "EXPLAIN SELECT FROM " + table.name().sql() + " WHERE ";
        explain(connection, from + "(\n" + text + "\n)", "");
        // Only a whole expression also stands here: "a) OR (b" does not.
        explain(
                connection,
                from + "(CASE WHEN\n" + text + "\nTHEN true END)",
                ": write one condition, parentheses balanced");
    }

    private void explain(Connection connection, String sql, String advice) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            switch (SqlFailure.of(e)) {
                case SPECIFICATION, DATA ->
                    throw new SpecificationException(
                            "spec.source.postgres.where is '%s', and the server says: %s%s"
                                    .formatted(text, SqlFailure.words(e), advice),
                            e);
                case UNAVAILABLE, UNEXPECTED -> throw e;
            }
        }
    }

    /** The driver takes ? for a parameter and ?? for the operator, outside literals and comments. */
    private String withQuestionMarksEscaped() {
        char[] chars = text.toCharArray();
        StringBuilder escaped = new StringBuilder(text.length());
        int i = 0;
        while (i < chars.length) {
            int last = switch (chars[i]) {
                case '\'' -> Parser.parseSingleQuotes(chars, i, true);
                case '"' -> Parser.parseDoubleQuotes(chars, i);
                case '-' -> Parser.parseLineComment(chars, i);
                case '/' -> Parser.parseBlockComment(chars, i);
                case '$' -> Parser.parseDollarQuotes(chars, i);
                default -> i;
            };
            int next = Math.min(last + 1, chars.length);
            escaped.append(chars[i] == '?' ? "?" : "").append(chars, i, next - i);
            i = next;
        }
        return escaped.toString();
    }
}
