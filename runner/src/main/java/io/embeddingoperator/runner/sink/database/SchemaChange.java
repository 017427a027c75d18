package io.embeddingoperator.runner.sink.database;

import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.postgres.SqlFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A change of tables that runners may be at work with. A statement that waits for such a lock makes everything wait that comes
 * after it, so it waits for a moment only, and asks again later.
 */
public final class SchemaChange {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaChange.class);
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String LOCK_TIMEOUT = "1s";

    /** For a table that is searched: no search waits longer behind a change that waits itself. */
    public static final String SHORT_LOCK_TIMEOUT = "200ms";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** A dump or a report may take a day. */
    private static final Duration LONG_PATIENCE = Duration.ofDays(7);

    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final String tables;
    private final String condition;
    private final Duration patience;
    private final String lockTimeout;

    private SchemaChange(String tables, String condition, Duration patience, String lockTimeout) {
        this.tables = tables;
        this.condition = condition;
        this.patience = patience;
        this.lockTimeout = lockTimeout;
    }

    /**
     * @param tables what is changed, for a sentence
     * @param condition on pg_class that holds for them
     */
    public static SchemaChange of(String tables, String condition) {
        return new SchemaChange(tables, condition, PATIENCE, LOCK_TIMEOUT);
    }

    /** A change that comes after hours of work, and of a table that is searched all the time. */
    public static SchemaChange patient(String tables, String condition) {
        return new SchemaChange(tables, condition, LONG_PATIENCE, SHORT_LOCK_TIMEOUT);
    }

    /** @param patience how long locks are asked for again and again */
    static SchemaChange of(String tables, String condition, Duration patience) {
        return new SchemaChange(tables, condition, patience, LOCK_TIMEOUT);
    }

    /** What is changed, all of it in one transaction. */
    public interface Change {
        void make(Statement statement) throws SQLException;
    }

    /** @throws UnavailableException when another session holds a lock on the tables for longer than a change may wait */
    public void make(Connection connection, Change change) throws SQLException {
        if (!isMade(connection, change)) {
            try (Activity activity = Activities.ofThisProcess().begin("Waiting to change " + tables)) {
                await(connection, change, activity);
            }
        }
    }

    private void await(Connection connection, Change change, Activity activity) throws SQLException {
        boolean told = false;
        do {
            String holder = holder(connection);
            if (activity.age().compareTo(patience) > 0) {
                throw new UnavailableException(
                        "%s cannot be changed as long as %s: it is tried again, or end that session"
                                .formatted(tables, holder));
            }
            activity.explainedBy(() -> Optional.of(holder));
            if (!told) {
                LOG.info("waiting to change {}: {}", tables, holder);
                told = true;
            }
            pause();
        } while (!isMade(connection, change));
    }

    /** Whether it had the locks that it needs. */
    private boolean isMade(Connection connection, Change change) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '%s'".formatted(lockTimeout));
            change.make(statement);
            connection.commit();
            return true;
        } catch (SQLException e) {
            connection.rollback();
            if (SqlFailure.state(e).equals(LOCK_NOT_AVAILABLE)) {
                return false;
            }
            throw e;
        } catch (RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** The session that has held a lock on one of the tables for the longest time; it may be gone by now. */
    private String holder(Connection connection) throws SQLException {
        String sql = """
                SELECT a.pid, a.usename, a.application_name, a.xact_start::timestamptz(0)::text
                FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND a.pid <> pg_backend_pid() AND l.relation IN (SELECT oid FROM pg_class WHERE %s)
                ORDER BY a.xact_start LIMIT 1
                """.formatted(condition);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next()
                    ? "the session with pid %s (role %s, application \"%s\") holds a lock on them since %s"
                            .formatted(row.getString(1), row.getString(2), row.getString(3), row.getString(4))
                    : "another session holds a lock on them";
        }
    }

    private static void pause() throws SQLException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("this process was told to stop", "57014", e);
        }
    }
}
