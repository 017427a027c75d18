package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.failure.CheckpointLostException;
import io.embeddingoperator.runner.failure.RunLostException;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunTotals;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.Position;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table embedding_operator.shards: who owns a shard, and how far it is. */
public final class Shards {
    private static final Logger LOG = LoggerFactory.getLogger(Shards.class);
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /**
     * The epoch of a new owner. Were it the next number, a standby that never heard of one owner would give the same epoch
     * to another one, and each of the two would take the other's windows for its own.
     */
    static final String NEW_EPOCH = "epoch + 1 + floor(random() * 1e9)::bigint";

    /** Another run may have its id, where a standby took over that never heard of it. */
    private static final String OF_THIS_VERY_RUN =
            "EXISTS (SELECT FROM embedding_operator.runs r WHERE r.run_id = shards.run_id AND r.started_at = ?)";

    private Shards() {}

    /**
     * A shard's row, locked until the transaction ends.
     *
     * @param windows how many are committed
     * @param kept documents behind the checkpoint that are stored and counted already
     * @param now the transaction's time on the server
     */
    public record Locked(long windows, Counts counters, long kept, boolean complete, Instant now) {
        /** How many of the documents that a window found unchanged were counted as embedded when they were kept. */
        public long countedBefore(int unchanged) {
            return Math.min(kept, unchanged);
        }
    }

    /**
     * Makes the caller the owner; empty when the shard is complete or the plan has fewer shards. An earlier owner that holds
     * the shard in a transaction for longer than any window takes has frozen: its session is ended.
     */
    public static Optional<ShardLease> take(Connection connection, Run run, int shard) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '10s'");
        }
        Savepoint before = connection.setSavepoint();
        try {
            return raiseEpoch(connection, run, shard);
        } catch (SQLException e) {
            if (!SqlFailure.state(e).equals(LOCK_NOT_AVAILABLE)) {
                throw e;
            }
            connection.rollback(before);
            endSessionOfOwner(connection, run, shard);
            return raiseEpoch(connection, run, shard);
        }
    }

    /** A row that is locked or changed by an open transaction bears that transaction's number in xmax. */
    private static void endSessionOfOwner(Connection connection, Run run, int shard) throws SQLException {
        String sql = """
                SELECT pg_terminate_backend(owner.pid)
                FROM embedding_operator.shards s
                JOIN pg_locks held ON held.locktype = 'transactionid' AND held.granted AND held.transactionid = s.xmax
                JOIN pg_stat_activity owner ON owner.pid = held.pid
                WHERE s.run_id = ? AND s.shard = ? AND owner.pid <> pg_backend_pid()
                  AND pg_has_role(owner.usesysid, 'USAGE')
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    LOG.warn("Shard {} was held by a runner that does not answer: its session was ended", shard);
                }
            }
        }
    }

    private static Optional<ShardLease> raiseEpoch(Connection connection, Run run, int shard) throws SQLException {
        String sql = "UPDATE embedding_operator.shards SET epoch = " + NEW_EPOCH
                + " WHERE run_id = ? AND shard = ? AND completed_at IS NULL AND " + OF_THIS_VERY_RUN
                + " RETURNING epoch, checkpoint, windows, " + StoredCounters.COLUMNS;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            statement.setObject(3, run.startedAt().atOffset(ZoneOffset.UTC));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new ShardLease(
                                shard,
                                row.getLong("epoch"),
                                Optional.ofNullable(row.getString("checkpoint")).map(Position::new),
                                row.getLong("windows"),
                                StoredCounters.read(row)))
                        : Optional.empty();
            }
        }
    }

    /**
     * Locks the shard's row, so that no process takes the shard before this transaction ends.
     *
     * @param committed how many windows of the shard are known to be committed
     * @throws ShardTakenOverException when another process has taken it since the lease was given
     * @throws CheckpointLostException when the row is older than the lease or than the last commit
     * @throws RunLostException when there is no such row any more
     */
    public static Locked lock(Connection connection, Run run, ShardLease lease, long committed) throws SQLException {
        String sql = "SELECT epoch, windows, kept, completed_at IS NOT NULL AS complete, now() AS now, "
                + StoredCounters.COLUMNS + " FROM embedding_operator.shards WHERE run_id = ? AND shard = ? FOR UPDATE";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, lease.shard());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new RunLostException(run.id());
                }
                if (row.getLong("epoch") > lease.epoch()) {
                    throw new ShardTakenOverException(lease.shard());
                }
                if (row.getLong("epoch") < lease.epoch() || row.getLong("windows") < committed) {
                    throw new CheckpointLostException(lease.shard(), committed, row.getLong("windows"));
                }
                return new Locked(
                        row.getLong("windows"),
                        StoredCounters.read(row),
                        row.getLong("kept"),
                        row.getBoolean("complete"),
                        row.getObject("now", OffsetDateTime.class).toInstant());
            }
        }
    }

    /**
     * Moves the checkpoint of a row that {@link #lock} holds.
     *
     * @param countedBefore kept documents that the checkpoint now covers
     */
    public static void advance(
            Connection connection,
            Run run,
            ShardLease lease,
            Position checkpoint,
            long windows,
            Counts counters,
            long countedBefore)
            throws SQLException {
        String sql = "UPDATE embedding_operator.shards SET checkpoint = ?, windows = ?, kept = kept - ?,"
                + " committed_at = now(), " + StoredCounters.ASSIGNMENTS + " WHERE run_id = ? AND shard = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, checkpoint.value());
            statement.setLong(2, windows);
            statement.setLong(3, countedBefore);
            StoredCounters.bind(statement, 4, counters);
            statement.setLong(4 + StoredCounters.COUNT, run.id());
            statement.setInt(5 + StoredCounters.COUNT, lease.shard());
            statement.executeUpdate();
        }
    }

    /**
     * Has the open runs into a table begin again with their first document, and shuts out the runners that work on them: the table is
     * gone, and with it all that their checkpoints stand for. A run that reads only what changed would not do, and ends.
     */
    public static void beginAgain(Connection connection, String table) throws SQLException {
        Runs.shutOutThoseOfChanges(connection, table);
        FileReadings.outdate(connection, table);
        ReadFiles.forgetOpen(connection, table);
        String sql = """
                WITH open AS (
                  SELECT run_id FROM embedding_operator.runs
                  WHERE sink_table = ? AND completed_at IS NULL AND replaced_at IS NULL),
                forgotten AS (
                  DELETE FROM embedding_operator.failed_documents f USING open WHERE f.run_id = open.run_id),
                repaired AS (DELETE FROM embedding_operator.damaged_parts d USING open WHERE d.run_id = open.run_id),
                noted AS (DELETE FROM embedding_operator.orphans o USING open WHERE o.run_id = open.run_id),
                counted AS (DELETE FROM embedding_operator.orphan_counts c USING open WHERE c.run_id = open.run_id),
                unknown AS (DELETE FROM embedding_operator.unknown_chunks u USING open WHERE u.run_id = open.run_id),
                held AS (DELETE FROM embedding_operator.held_removals h USING open WHERE h.run_id = open.run_id)
                UPDATE embedding_operator.shards s SET epoch = %s, windows = 0, checkpoint = NULL, completed_at = NULL,
                  work = 0, embedded = 0, skipped = 0, failed = 0, chunks = 0, tokens = 0, truncated_chunks = 0,
                  orphans_deleted = 0, kept = 0
                FROM open WHERE s.run_id = open.run_id AND s.epoch > 0
                """.formatted(NEW_EPOCH);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            int shards = statement.executeUpdate();
            if (shards > 0) {
                LOG.warn("The table {} is gone, and {} shards of runs into it begin again", table, shards);
            }
        }
    }

    /** The sum over all shards of a run but one. */
    public static RunTotals totalsWithout(Connection connection, Run run, int shard) throws SQLException {
        String sql = "SELECT " + StoredCounters.SUMS + ", count(completed_at) AS complete_shards"
                + " FROM embedding_operator.shards WHERE run_id = ? AND shard <> ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new RunTotals(StoredCounters.read(row), row.getInt("complete_shards"));
            }
        }
    }

    /** Counts one more transaction of a row that {@link #lock} holds, and leaves the checkpoint where it is. */
    public static void count(Connection connection, Run run, ShardLease lease, long windows, Counts counters)
            throws SQLException {
        keep(connection, run, lease, windows, counters, 0);
    }

    /**
     * The same, where some of the documents stand behind the checkpoint and will be read once more.
     *
     * @param kept how many of them the counters count as embedded
     */
    public static void keep(Connection connection, Run run, ShardLease lease, long windows, Counts counters, long kept)
            throws SQLException {
        String sql = "UPDATE embedding_operator.shards SET windows = ?, kept = kept + ?, committed_at = now(), "
                + StoredCounters.ASSIGNMENTS + " WHERE run_id = ? AND shard = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, windows);
            statement.setLong(2, kept);
            StoredCounters.bind(statement, 3, counters);
            statement.setLong(3 + StoredCounters.COUNT, run.id());
            statement.setInt(4 + StoredCounters.COUNT, lease.shard());
            statement.executeUpdate();
        }
    }

    /**
     * Ends the shard; safe to repeat. Kept documents that were never found unchanged had changed, failed or vanished by the time
     * they were read again: that counts, and so each document counts once.
     *
     * @param committed how many windows of the shard are known to be committed: all of them
     * @throws ShardTakenOverException when another process has taken it since the lease was given
     * @throws CheckpointLostException when some of the windows are not there any more
     */
    public static void complete(Connection connection, Run run, ShardLease lease, long committed) throws SQLException {
        lock(connection, run, lease, committed);
        refuseUnfinished(connection, run, lease.shard());
        try (PreparedStatement statement = connection.prepareStatement("UPDATE embedding_operator.shards"
                + " SET completed_at = coalesce(completed_at, now()), embedded = embedded - kept, kept = 0"
                + " WHERE run_id = ? AND shard = ?")) {
            statement.setLong(1, run.id());
            statement.setInt(2, lease.shard());
            statement.executeUpdate();
        }
    }

    /** A complete shard has no owner any more, and none would take care of what still waits in it. */
    private static void refuseUnfinished(Connection connection, Run run, int shard) throws SQLException {
        String sql = """
                SELECT EXISTS (SELECT FROM embedding_operator.pending_documents
                               WHERE run_id = ? AND shard = ? AND batch_id IS NULL)
                  OR EXISTS (SELECT FROM embedding_operator.batches b
                             WHERE run_id = ? AND shard = ? AND (NOT state = ANY (?) OR EXISTS (
                               SELECT FROM embedding_operator.pending_documents p WHERE p.batch_id = b.batch_id)))
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            statement.setLong(3, run.id());
            statement.setInt(4, shard);
            statement.setArray(5, connection.createArrayOf("text", Batches.OVER));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getBoolean(1)) {
                    throw new IllegalStateException(
                            "shard %d has documents that wait for their vectors, or batches that are not over: it cannot be complete"
                                    .formatted(shard));
                }
            }
        }
    }
}
