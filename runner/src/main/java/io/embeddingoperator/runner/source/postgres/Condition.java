package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.SqlFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Parser;
import org.postgresql.core.Query;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * The manifest's condition on rows.
 *
 * @param text as written; {@code true} where the manifest has none
 */
record Condition(String text) {
    private static final String FIELD = "spec.source.postgres.where";
    private static final String ALL = "true";

    Condition {
        if (text.indexOf('\0') >= 0) {
            throw new SpecificationException(FIELD + " holds a NUL character: leave that out");
        }
    }

    static Condition of(@Nullable String where) {
        return new Condition(where == null ? ALL : where);
    }

    /** What to do where the server fails while it looks for rows, before it reads texts. */
    String remedy() {
        return text.equals(ALL)
                ? "mend what computes the key, or name a table in place of a view; a view's function that computes something"
                        + " else runs here too while it is VOLATILE: declare it STABLE"
                : "%s is '%s', and a row is there for which it fails: write it so that it has an answer for each row"
                        .formatted(FIELD, text);
    }

    /** In parentheses, for a prepared statement. A comment at its end cannot swallow what follows. */
    String sql() {
        return "(\n" + withQuestionMarksEscaped() + "\n)";
    }

    /**
     * Lets the server's parser prove that the text is one expression of type boolean, before it runs: it must stand in
     * parentheses as well as between two keywords. What closes a parenthesis of its surroundings does not parse in the
     * second place, and what closes the keywords does not parse in the first.
     *
     * @throws SpecificationException with the server's words
     */
    void check(Connection connection, CatalogTable table) throws SQLException {
        String from = "SELECT FROM " + table.name().sql() + " WHERE ";
        String inParentheses = from + sql();
        describe(connection, inParentheses, "");
        describe(
                connection,
                from + "(CASE WHEN\n" + withQuestionMarksEscaped() + "\nTHEN true END)",
                ": write one condition, parentheses balanced");
        explain(connection, "EXPLAIN " + inParentheses);
    }

    /**
     * Prepares SQL that holds the condition. It travels as one statement, in which the server allows no second one; the
     * driver would cut it in pieces where it takes a semicolon for the end of a statement, and run each.
     */
    PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        BaseConnection driver = connection.unwrap(BaseConnection.class);
        if (driver.getPreferQueryMode() == PreferQueryMode.SIMPLE) {
            throw new SpecificationException("the connection has preferQueryMode=simple, which lets a text hold several"
                    + " statements: leave that parameter out");
        }
        Query query;
        try {
            query = driver.createQuery(sql, true, true).query;
        } catch (SQLException e) {
            throw new SpecificationException(
                    FIELD + " is '%s', and the driver finds no end of a literal or comment in it".formatted(text), e);
        }
        if (query.getSubqueries() != null || !query.getNativeSql().contains(text)) {
            throw new SpecificationException(
                    (FIELD + " is '%s', which is not one expression: write one condition, parentheses balanced, without"
                                    + " a semicolon and JDBC escapes in braces")
                            .formatted(text));
        }
        return connection.prepareStatement(sql);
    }

    /** The server parses and names types; no row is read and no function run, so its words are on the text alone. */
    private void describe(Connection connection, String sql, String advice) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql)) {
            statement.getMetaData();
        } catch (SQLException e) {
            throw refused(e, SqlFailure.serverWords(e) + advice);
        } catch (ArrayIndexOutOfBoundsException e) {
            // So the driver meets a parameter that it did not send.
            throw new SpecificationException(
                    (FIELD + " is '%s', which names a parameter such as $1: write its value in its place")
                            .formatted(text),
                    e);
        }
    }

    /** The server checks permissions, and computes what it can without rows, of which its words could tell. */
    private void explain(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql)) {
            statement.execute();
        } catch (SQLException e) {
            boolean permission = SqlFailure.state(e).equals("42501");
            throw refused(e, SqlFailure.serverWords(permission ? e : SqlFailure.withoutData(e)));
        }
    }

    private SQLException refused(SQLException e, String words) {
        return switch (SqlFailure.of(e)) {
            case SPECIFICATION, DATA ->
                throw new SpecificationException(
                        FIELD + " is '%s', and the server says: %s".formatted(text, words), SqlFailure.withoutData(e));
            case UNAVAILABLE, UNEXPECTED -> SqlFailure.withoutData(e);
        };
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
