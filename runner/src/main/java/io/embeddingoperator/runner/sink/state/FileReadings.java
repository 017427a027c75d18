package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.RunRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * The table embedding_operator.file_readings: how a run reads its files. A file that did not change is left alone by the next run
 * of the job as long as that would read it in the same way.
 */
public final class FileReadings {
    private FileReadings() {}

    /**
     * The run before a new one.
     *
     * @param completedAt which no row of its documents is younger than
     */
    public record Former(long run, OffsetDateTime completedAt) {}

    /** Notes how a new run reads its files. */
    static void note(Connection connection, long run, String reading) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.file_readings (run_id, reading) VALUES (?, ?)")) {
            statement.setLong(1, run);
            statement.setString(2, reading);
            statement.executeUpdate();
        }
    }

    /**
     * The last run of a job into a table, where it is complete, was of the same recipe and read files in the same way; empty also
     * where an older runner had a part in it, which does not note what it reads.
     */
    public static Optional<Former> former(Connection connection, TableName table, RunRequest request)
            throws SQLException {
        String sql = """
                SELECT run_id, completed_at
                FROM (SELECT * FROM embedding_operator.runs WHERE %s ORDER BY run_id DESC LIMIT 1) latest
                JOIN embedding_operator.file_readings USING (run_id)
                WHERE completed_at IS NOT NULL AND recipe = ? AND reading = ?
                  AND (SELECT sum(work) FROM embedding_operator.shards s WHERE s.run_id = latest.run_id)
                    = (SELECT coalesce(sum(bytes), 0) FROM embedding_operator.read_files f
                       WHERE f.run_id = latest.run_id AND f.shard IS NOT NULL)
                """.formatted(Runs.OF_JOB);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.toString());
            statement.setString(2, request.jobName());
            statement.setString(3, request.recipe());
            statement.setString(4, request.readingOf(Reading.Of.FILES).orElse(null));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Former(row.getLong(1), row.getObject(2, OffsetDateTime.class)))
                        : Optional.empty();
            }
        }
    }

    /** The table of these open runs is gone, and with it the rows of the files that their plans leave out. */
    static void outdate(Connection connection, String table) throws SQLException {
        String sql = """
                UPDATE embedding_operator.file_readings SET outdated = true WHERE run_id IN (
                  SELECT run_id FROM embedding_operator.runs JOIN embedding_operator.read_files USING (run_id)
                  WHERE sink_table = ? AND %s AND shard IS NULL)
                """.formatted(Runs.OPEN);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            statement.executeUpdate();
        }
    }
}
