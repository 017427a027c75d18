package io.embeddingoperator.runner.sink.state;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The tables embedding_operator.orphans and orphan_counts: documents that have rows and are gone from the source, as the
 * windows of a run found them. They are written in the transaction of the window, and so are lost with it or not at all. And
 * the table held_removals: why they were not removed.
 */
public final class Orphans {
    private Orphans() {}

    /**
     * The end of a statement that begins with {@code WITH gone (key) AS MATERIALIZED (…)}: notes the keys, and only counts them
     * once there are too many to be removed. Its parameters are run, shard, run, and the most that are noted of one shard.
     */
    public static final String NOTE_GONE =
            """
            , counted AS (%s RETURNING found)
            INSERT INTO embedding_operator.orphans (run_id, key)
            SELECT ?, key::text FROM gone WHERE (SELECT found FROM counted) <= ? ON CONFLICT DO NOTHING
            """.formatted(ShardSum.ORPHAN_COUNTS.add("SELECT ?, ?, count(*) FROM gone HAVING count(*) > 0"));

    /** Binds {@link #NOTE_GONE} from the given parameter on. */
    public static void bind(PreparedStatement statement, int first, long run, int shard, long most)
            throws SQLException {
        statement.setLong(first, run);
        statement.setInt(first + 1, shard);
        statement.setLong(first + 2, run);
        statement.setLong(first + 3, most);
    }

    /** How many were found in the run, those included that were only counted. */
    public static long found(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT coalesce(sum(found), 0)::bigint FROM embedding_operator.orphan_counts WHERE run_id = ?")) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Ends the run without the removal. */
    public static void hold(Connection connection, long run, String sentence) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.held_removals (run_id, sentence) VALUES (?, ?)")) {
            statement.setLong(1, run);
            statement.setString(2, sentence);
            statement.executeUpdate();
        }
        forget(connection, run);
        DocumentKeys.forget(connection, run);
    }

    /** Why the run ended without the removal that it was to make; empty when it did not. */
    public static Optional<String> held(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT sentence FROM embedding_operator.held_removals WHERE run_id = ?")) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    /** Forgets which they were; how many there were is kept with the run. */
    static void forget(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM embedding_operator.orphans WHERE run_id = ?")) {
            statement.setLong(1, run);
            statement.executeUpdate();
        }
    }
}
