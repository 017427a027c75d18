package io.embeddingoperator.runner.sink.state;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a new run takes over from the run that it replaces: the batches that the provider has or may have. Where both embed in the
 * same way, their documents come along and wait for the vectors that are paid for already; otherwise the batches come alone,
 * to be cancelled. Documents in no such batch are simply read again.
 */
final class Adoption {
    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

    private Adoption() {}

    /**
     * The caller has shut out the processes that worked on the replaced run.
     *
     * @param shards of the new run
     */
    static void adopt(Connection connection, long replaced, long run, int shards, boolean sameRecipe)
            throws SQLException {
        execute(
                connection,
                "DELETE FROM embedding_operator.pending_documents WHERE run_id = ? AND batch_id IS NULL",
                replaced);
        execute(
                connection,
                "DELETE FROM embedding_operator.pending_documents WHERE batch_id IN (SELECT batch_id FROM"
                        + " embedding_operator.batches WHERE run_id = ? AND state = 'Packed')",
                replaced);
        execute(connection, "DELETE FROM embedding_operator.batches WHERE run_id = ? AND state = 'Packed'", replaced);
        if (sameRecipe) {
            execute(
                    connection,
                    "UPDATE embedding_operator.pending_documents SET run_id = ?, shard = shard % ?, unread = true"
                            + " WHERE run_id = ?",
                    run,
                    shards,
                    replaced);
            execute(
                    connection,
                    "UPDATE embedding_operator.runs SET took_over = EXISTS ("
                            + "SELECT FROM embedding_operator.pending_documents WHERE run_id = ?) WHERE run_id = ?",
                    run,
                    run);
        } else {
            execute(connection, "DELETE FROM embedding_operator.pending_documents WHERE run_id = ?", replaced);
        }
        int batches = move(connection, replaced, run, shards, sameRecipe);
        if (batches > 0) {
            LOG.info(
                    "{} batches of the run before are {}",
                    batches,
                    sameRecipe ? "taken over" : "cancelled: they embed in another way");
        }
        close(connection, replaced);
    }

    private static int move(Connection connection, long replaced, long run, int shards, boolean sameRecipe)
            throws SQLException {
        String sql =
                """
                UPDATE embedding_operator.batches
                SET run_id = ?, shard = shard %% ?, state = %s, changed_at = now()
                WHERE run_id = ? AND NOT state = ANY (?)
                """.formatted(sameRecipe ? "state" : "CASE WHEN state = 'Imported' THEN state ELSE 'Cancelling' END");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.setInt(2, shards);
            statement.setLong(3, replaced);
            statement.setArray(4, connection.createArrayOf("text", Batches.OVER));
            return statement.executeUpdate();
        }
    }

    /** Keeps the sums of a run that is over, and nothing else of its money and batches. */
    static void close(Connection connection, long run) throws SQLException {
        String sums = """
                UPDATE embedding_operator.runs r SET
                  spent_usd = CASE WHEN coalesce(r.spent_usd, s.spent, b.spent) IS NOT NULL
                    THEN coalesce(r.spent_usd, 0) + coalesce(s.spent, 0) + coalesce(b.spent, 0) END,
                  batches_submitted = r.batches_submitted + b.submitted,
                  batches_completed = r.batches_completed + b.completed,
                  batches_failed = r.batches_failed + b.failed
                FROM (SELECT sum(spent + leased) AS spent FROM embedding_operator.spending WHERE run_id = ?) s,
                  (SELECT sum(%s) AS spent, %s FROM embedding_operator.batches WHERE run_id = ?) b
                WHERE r.run_id = ?
                """.formatted(Batches.COST, Batches.COUNTS);
        execute(connection, sums, run, run, run);
        EstimatedCosts.close(connection, run);
        for (String table : List.of("spending", "pending_documents", "batches")) {
            execute(connection, "DELETE FROM embedding_operator.%s WHERE run_id = ?".formatted(table), run);
        }
    }

    private static void execute(Connection connection, String sql, long... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setLong(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
