package io.embeddingoperator.runner.sink.state;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The table embedding_operator.estimated_costs: how much of what a run has spent no bill tells, because replies were lost or did not
 * say what they cost. It stays when the run is over. What batches add to it is known from their own rows until then.
 */
public final class EstimatedCosts {
    /** Batches that are through and were not told the bill of: the tokens that were counted here stand for it. */
    private static final String OF_BATCHES = """
            SELECT shard, sum(%s) AS usd FROM embedding_operator.batches
            WHERE run_id = ? AND billed_tokens IS NULL AND state IN ('Imported', 'Done', 'Failed', 'Expired', 'Cancelled')
            GROUP BY shard
            """.formatted(Batches.COST);

    private EstimatedCosts() {}

    /** More was spent for a shard of which the provider did not tell the bill. */
    public static void add(Connection connection, long run, int shard, BigDecimal usd) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(ShardSum.ESTIMATED_COSTS.add("VALUES (?, ?, ?)"))) {
            statement.setLong(1, run);
            statement.setInt(2, shard);
            statement.setBigDecimal(3, usd);
            statement.executeUpdate();
        }
    }

    /** What an earlier process of a shard had leased counts as spent, though it is not known whether it was. */
    static void addLease(Connection connection, long run, int shard) throws SQLException {
        String lease = "SELECT run_id, shard, leased FROM embedding_operator.spending"
                + " WHERE run_id = ? AND shard = ? AND leased > 0 FOR UPDATE";
        try (PreparedStatement statement = connection.prepareStatement(ShardSum.ESTIMATED_COSTS.add(lease))) {
            statement.setLong(1, run);
            statement.setInt(2, shard);
            statement.executeUpdate();
        }
    }

    /** Keeps what the rows of a run's batches and leases tell, before they go. */
    static void close(Connection connection, long run) throws SQLException {
        String rest = """
                SELECT ?, shard, sum(usd) FROM (
                  %s UNION ALL
                  SELECT shard, leased FROM embedding_operator.spending WHERE run_id = ? AND leased > 0) parts
                GROUP BY shard
                """.formatted(OF_BATCHES);
        try (PreparedStatement statement = connection.prepareStatement(ShardSum.ESTIMATED_COSTS.add(rest))) {
            statement.setLong(1, run);
            statement.setLong(2, run);
            statement.setLong(3, run);
            statement.executeUpdate();
        }
    }

    /** US dollars of a whole run; empty where all is known. */
    static Optional<BigDecimal> of(Connection connection, long run) throws SQLException {
        String sql = """
                SELECT coalesce(sum(usd), 0) FROM (
                  SELECT shard, usd FROM embedding_operator.estimated_costs WHERE run_id = ? UNION ALL
                  %s) parts
                """.formatted(OF_BATCHES);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.setLong(2, run);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Optional.of(row.getBigDecimal(1)).filter(usd -> usd.signum() > 0);
            }
        }
    }
}
