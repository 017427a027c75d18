package io.embeddingoperator.runner.sink.database;

import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.failure.StoppedException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.postgres.SqlWork;
import io.embeddingoperator.runner.postgres.TableName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that all runners of a database share, held by a connection: it ends with it. Waiting is done by asking again,
 * because a session that waits inside the server keeps a snapshot, and CREATE INDEX CONCURRENTLY waits for snapshots.
 *
 * <p>Any role can take it. A runner waits as long as the holder is sure to give it back, and gives up on any other one.
 */
public final class AdvisoryLock {
    private static final Logger log = LoggerFactory.getLogger(AdvisoryLock.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** Other runners need the lock for a moment as a rule, and that is no news. */
    private static final Duration WORTH_TELLING = Duration.ofSeconds(2);

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(30);

    private final String name;
    private final TableName table;
    private final long key;
    private final LockPatience patience;

    private AdvisoryLock(String name, TableName table, LockPatience patience) {
        this.name = name;
        this.table = table;
        this.patience = patience;
        this.key = key(name);
    }

    /**
     * The lock of a name; the same in every process.
     *
     * @param table whose index may be built by the one that holds it
     */
    public static AdvisoryLock named(String name, TableName table) {
        return new AdvisoryLock(name, table, LockPatience.USUAL);
    }

    /** The lock under which tables are prepared, one after the other: they share the tables of the state. */
    public static AdvisoryLock preparation(TableName table) {
        return named("preparation", table);
    }

    /** The same lock, asked for with another patience. */
    AdvisoryLock with(LockPatience other) {
        return new AdvisoryLock(name, table, other);
    }

    /**
     * Does the work while the connection holds the lock.
     *
     * @throws UnavailableException when another session holds it that is no runner at work
     */
    public <T> T holding(Connection connection, SqlWork<T> work) throws SQLException {
        return holding(connection, () -> {}, work);
    }

    /** As above; the other work is done each time the lock was found taken. */
    public <T> T holding(Connection connection, Runnable whileWaiting, SqlWork<T> work) throws SQLException {
        if (!ask(connection, "SELECT pg_try_advisory_lock(?)")) {
            await(connection, whileWaiting);
        }
        try (SignsOfLife _ = SignsOfLife.of(connection)) {
            return work.run(connection);
        } finally {
            release(connection);
        }
    }

    private void await(Connection connection, Runnable whileWaiting) throws SQLException {
        try (Activity activity = Activities.ofThisProcess().begin("Waiting for the lock of the " + name)) {
            Duration pause = FIRST_PAUSE;
            Duration told = BETWEEN_LINES.negated().plus(WORTH_TELLING);
            LockPatience.Waiting waiting = patience.begin();
            do {
                whileWaiting.run();
                sleep(pause);
                pause = longer(pause);
                Optional<LockHolder> holder = LockHolder.of(connection, key, table.sql(), SignsOfLife.ALIVE_SECONDS);
                if (holder.isPresent()) {
                    activity.explainedBy(() -> holder.map(held -> "it is held by " + held.sentence()));
                    if (activity.age().minus(told).compareTo(BETWEEN_LINES) >= 0) {
                        log.info(
                                "waits for the lock of the {}, held by {}",
                                name,
                                holder.get().sentence());
                        told = activity.age();
                    }
                    if (waiting.isOver(holder.get())) {
                        throw givingUp(holder.get(), activity.age());
                    }
                }
            } while (!ask(connection, "SELECT pg_try_advisory_lock(?)"));
        }
    }

    private UnavailableException givingUp(LockHolder holder, Duration waited) {
        return new UnavailableException(
                ("the lock of the %s (advisory lock %d) was held for all of %d s by %s, which is no runner at work: end that"
                                + " session (pg_terminate_backend) or wait for it, and run again")
                        .formatted(name, key, waited.toSeconds(), holder.sentence()));
    }

    private static Duration longer(Duration pause) {
        return pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
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

    private static long key(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(("embedding-operator " + name).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }
}
