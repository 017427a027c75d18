package io.embeddingoperator.runner.sink.state;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The table embedding_operator.spending: what each process of a run has spent, and what it may spend before it asks again (its
 * lease). Batches have their cost in their own rows.
 */
public final class Spendings {
    private static final String SPENT = """
            SELECT r.spent_usd, (SELECT sum(spent) FROM embedding_operator.spending s WHERE s.run_id = r.run_id),
              (SELECT sum(%s) FROM embedding_operator.batches b WHERE b.run_id = r.run_id),
              (SELECT sum(leased) FROM embedding_operator.spending s WHERE s.run_id = r.run_id)
            FROM embedding_operator.runs r WHERE run_id = ?
            """.formatted(Batches.COST);

    private Spendings() {}

    /**
     * The money of a whole run.
     *
     * @param spent also what batches cost that are not through yet; empty where embedding costs nothing
     * @param leased what processes may spend without asking
     */
    public record Money(Optional<BigDecimal> spent, BigDecimal leased) {
        /** What is gone or may be gone. */
        public BigDecimal committed() {
            return spent.orElse(BigDecimal.ZERO).add(leased);
        }
    }

    public static Money money(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SPENT)) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return new Money(Optional.empty(), BigDecimal.ZERO);
                }
                Optional<BigDecimal> spent = Optional.empty();
                for (int part = 1; part <= 3; part++) {
                    BigDecimal amount = row.getBigDecimal(part);
                    if (amount != null) {
                        spent = Optional.of(spent.orElse(BigDecimal.ZERO).add(amount));
                    }
                }
                BigDecimal leased = row.getBigDecimal(4);
                return new Money(spent, leased == null ? BigDecimal.ZERO : leased);
            }
        }
    }

    /** As {@link #money}; no other process of the run takes money before this transaction ends. */
    public static Money locked(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT FROM embedding_operator.runs WHERE run_id = ? FOR NO KEY UPDATE")) {
            statement.setLong(1, run);
            statement.executeQuery().close();
        }
        return money(connection, run);
    }

    /**
     * A process that begins to spend.
     *
     * @param epoch under which it writes
     * @param spent for its shard by the processes before it
     */
    public record Begun(long epoch, BigDecimal spent) {}

    /**
     * Begins to spend for a shard. What an earlier process had leased counts as spent: it is not known how much of it was.
     */
    public static Begun begin(Connection connection, long run, int shard) throws SQLException {
        EstimatedCosts.addLease(connection, run, shard);
        String sql = """
                INSERT INTO embedding_operator.spending AS before (run_id, shard, epoch)
                VALUES (?, ?, 1 + floor(random() * 1e9)::bigint)
                ON CONFLICT (run_id, shard) DO UPDATE SET
                  epoch = before.epoch + excluded.epoch, spent = before.spent + before.leased, leased = 0
                RETURNING epoch, spent
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.setInt(2, shard);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Begun(row.getLong(1), row.getBigDecimal(2));
            }
        }
    }

    /**
     * Writes what was spent for a shard, by all of its processes, and what this one has leased.
     *
     * @return whether the row is this process's still
     */
    public static boolean write(
            Connection connection, long run, int shard, long epoch, BigDecimal spent, BigDecimal leased)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE embedding_operator.spending"
                + " SET spent = ?, leased = ? WHERE run_id = ? AND shard = ? AND epoch = ?")) {
            statement.setBigDecimal(1, spent);
            statement.setBigDecimal(2, leased);
            statement.setLong(3, run);
            statement.setInt(4, shard);
            statement.setLong(5, epoch);
            return statement.executeUpdate() == 1;
        }
    }
}
