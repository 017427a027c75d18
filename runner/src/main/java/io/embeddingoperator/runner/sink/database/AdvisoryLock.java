package io.embeddingoperator.runner.sink.database;

import io.embeddingoperator.runner.postgres.SqlWork;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A lock that all runners of a database share, held by a connection: it ends with it. Waiting is done by asking again,
 * because a session that waits inside the server keeps a snapshot, and CREATE INDEX CONCURRENTLY waits for snapshots.
 */
public final class AdvisoryLock {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final long key;

    private AdvisoryLock(long key) {
        this.key = key;
    }

    /** The lock of a name; the same in every process. */
    public static AdvisoryLock named(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(("embedding-operator " + name).getBytes(StandardCharsets.UTF_8));
            return new AdvisoryLock(ByteBuffer.wrap(hash).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Does the work while the connection holds the lock. */
    public <T> T holding(Connection connection, SqlWork<T> work) throws SQLException {
        return holding(connection, () -> {}, work);
    }

    /** As above; the other work is done each time the lock was found taken. */
    public <T> T holding(Connection connection, Runnable whileWaiting, SqlWork<T> work) throws SQLException {
        Duration pause = FIRST_PAUSE;
        while (!ask(connection, "SELECT pg_try_advisory_lock(?)")) {
            whileWaiting.run();
            sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
        try {
            return work.run(connection);
        } finally {
            release(connection);
        }
    }

    private void release(Connection connection) throws SQLException {
        try {
            ask(connection, "SELECT pg_advisory_unlock(?)");
        } catch (SQLException e) {
            // A connection that cannot say so any more has lost the lock; one that still could must not keep it.
            connection.abort(Runnable::run);
        }
    }

    private boolean ask(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, key);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static void sleep(Duration pause) throws SQLException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("this process was told to stop", "57014", e);
        }
    }
}
