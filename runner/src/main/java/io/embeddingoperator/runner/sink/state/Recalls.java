package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.run.IndexRecall;
import io.embeddingoperator.runner.sink.run.IndexRecall.Found;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** The table embedding_operator.recalls: what searches through the index found of the nearest rows at the end of a run. */
public final class Recalls {
    private static final String COLUMNS =
            "usual_ef_search, usual_share, best_ef_search, best_share, target, queries, measured_at";

    private Recalls() {}

    /** Notes what was measured at the end of a run. */
    public static void note(Connection connection, long run, IndexRecall recall) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.recalls (run_id, %s) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
                        .formatted(COLUMNS))) {
            statement.setLong(1, run);
            statement.setInt(2, recall.usual().efSearch());
            statement.setDouble(3, recall.usual().share());
            statement.setInt(4, recall.best().efSearch());
            statement.setDouble(5, recall.best().share());
            statement.setDouble(6, recall.target());
            statement.setInt(7, recall.queries());
            statement.setObject(8, recall.measuredAt().atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    /** What was measured at the end of a run; empty where nothing was. */
    public static Optional<IndexRecall> ofRun(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT %s FROM embedding_operator.recalls WHERE run_id = ?".formatted(COLUMNS))) {
            statement.setLong(1, run);
            return read(statement);
        }
    }

    /**
     * What was measured at the end of the newest run into a table.
     *
     * @return empty where nothing was, or where the role may not read it
     */
    public static Optional<IndexRecall> ofTable(Connection connection, TableName table) throws SQLException {
        if (!mayRead(connection)) {
            return Optional.empty();
        }
        String sql = """
                SELECT %s FROM embedding_operator.runs JOIN embedding_operator.recalls USING (run_id)
                WHERE sink_table = ? ORDER BY run_id DESC LIMIT 1
                """.formatted(COLUMNS);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.toString());
            return read(statement);
        }
    }

    /** A role that only searches needs no more than the table. */
    private static boolean mayRead(Connection connection) throws SQLException {
        String sql = """
                SELECT count(*) = 2 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'embedding_operator' AND c.relname IN ('runs', 'recalls')
                  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static Optional<IndexRecall> read(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next()
                    ? Optional.of(new IndexRecall(
                            new Found(row.getInt(1), row.getDouble(2)),
                            new Found(row.getInt(3), row.getDouble(4)),
                            row.getDouble(5),
                            row.getInt(6),
                            row.getObject(7, OffsetDateTime.class).toInstant()))
                    : Optional.empty();
        }
    }
}
