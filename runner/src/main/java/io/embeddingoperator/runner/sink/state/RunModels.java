package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.sink.run.RunRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The table embedding_operator.run_models: which commit of its model a run uses, where the manifest names a branch or tag. All
 * processes of a run embed with that one, wherever the branch has gone meanwhile.
 */
public final class RunModels {
    private RunModels() {}

    /** Notes the commit of a new run. */
    static void note(Connection connection, long run, String commit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.run_models (run_id, model_commit) VALUES (?, ?)")) {
            statement.setLong(1, run);
            statement.setString(2, commit);
            statement.executeUpdate();
        }
    }

    /** @throws UnavailableException when the run has another commit than a process that began together with its first one */
    static void check(Connection connection, long run, RunRequest request) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT model_commit FROM embedding_operator.run_models WHERE run_id = ? AND model_commit <> ?")) {
            statement.setLong(1, run);
            statement.setString(2, request.modelCommit().orElse(null));
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    throw new UnavailableException(
                            ("the model's branch moved while run %d of %s began: it is tried again with commit %s, which the"
                                            + " run's other processes have")
                                    .formatted(request.run(), request.job(), row.getString(1)));
                }
            }
        }
    }

    /**
     * The commit of the run that a process would go on with.
     *
     * @param continueOnly whether it never starts over, as {@code RunRequest.continueOnly}
     */
    public static Optional<String> ofRun(
            Connection connection, String job, int run, String specification, boolean continueOnly)
            throws SQLException {
        String sql = """
                SELECT model_commit, specification = ? AND completed_at IS NULL AND replaced_at IS NULL AND held_at IS NULL
                FROM embedding_operator.runs
                LEFT JOIN embedding_operator.run_models USING (run_id)
                LEFT JOIN embedding_operator.held_removals USING (run_id)
                WHERE job = ? AND run = ? ORDER BY run_id DESC LIMIT 1
                """;
        if (!StateSchema.hasModels(connection)) {
            return Optional.empty();
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, specification);
            statement.setString(2, job);
            statement.setInt(3, run);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && (continueOnly || row.getBoolean(2))
                        ? Optional.ofNullable(row.getString(1))
                        : Optional.empty();
            }
        }
    }

    /**
     * The commit that the vectors of a job are of: that of its latest run.
     *
     * @param job its namespace and name
     */
    public static Optional<String> ofJob(Connection connection, String job) throws SQLException {
        String sql = """
                SELECT model_commit FROM embedding_operator.runs LEFT JOIN embedding_operator.run_models USING (run_id)
                WHERE split_part(job, '@', 1) = ? ORDER BY run_id DESC LIMIT 1
                """;
        if (!StateSchema.hasModels(connection)) {
            return Optional.empty();
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, job);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
            }
        }
    }
}
