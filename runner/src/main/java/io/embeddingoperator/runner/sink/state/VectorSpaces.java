package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.run.Recipe;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Which space the vectors of a table are of: that of the newest run into it. A table never holds those of two. */
public final class VectorSpaces {
    private VectorSpaces() {}

    /**
     * The recipe of a table's vectors, where vectors of the wanted one may not be put beside them; empty where the table holds
     * none, or where no run is known that made them.
     *
     * @param job namespace/name, whose own open run a new one shuts out
     */
    public static Optional<Recipe> otherThan(Connection connection, TableName table, Recipe wanted, String job)
            throws SQLException {
        Optional<Recipe> filled = Runs.recipe(connection, table.toString())
                .map(Recipe::read)
                .filter(recipe -> !recipe.isOfSpaceOf(wanted));
        return filled.isPresent() && (hasRows(connection, table) || isBeingFilled(connection, table, job))
                ? filled
                : Optional.empty();
    }

    /** Why a table does not take vectors of the wanted recipe, as a clause of a sentence that says what to do. */
    public static String refusal(TableName table, Recipe filled, Recipe wanted) {
        return ("%s holds vectors of %s, and this manifest gives %s: one table with both would answer searches with wrong"
                        + " documents. Set spec.sink.pgvector.replacement to Swap, which fills a table beside it and exchanges the two"
                        + " at the end of the run; or name another table, or empty this one")
                .formatted(table, filled.apartFrom(wanted), wanted.apartFrom(filled));
    }

    private static boolean hasRows(Connection connection, TableName table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM %s)".formatted(table.sql()))) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static boolean isBeingFilled(Connection connection, TableName table, String job) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT FROM embedding_operator.runs WHERE sink_table = ?"
                        + " AND split_part(job, '@', 1) <> ? AND " + Runs.OPEN)) {
            statement.setString(1, table.toString());
            statement.setString(2, job);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }
}
