package io.embeddingoperator.runner.sink.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a session that holds a lock from looking lost while its runner works elsewhere, for example plans a source for an hour:
 * it is asked something now and then. The server ends it when that stops, and so gives back the lock of a runner that froze.
 */
final class SignsOfLife implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SignsOfLife.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    /** A session that was silent for longer belongs to no runner that is alive. */
    static final int ALIVE_SECONDS = 30;

    private static final String END_A_SILENT_SESSION = "SET idle_session_timeout = '60s'";

    private final PgConnection session;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread giver = Thread.ofVirtual().name("sign-of-life").unstarted(this::give);

    private SignsOfLife(PgConnection session) {
        this.session = session;
    }

    /** From now on, until it is closed. */
    static SignsOfLife of(Connection connection) throws SQLException {
        // What a pool puts around its connections is made for one thread.
        SignsOfLife signs = new SignsOfLife(connection.unwrap(PgConnection.class));
        signs.run(END_A_SILENT_SESSION);
        signs.giver.start();
        return signs;
    }

    private void give() {
        try {
            while (!ended.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                run("SELECT 1");
            }
        } catch (SQLException e) {
            log.debug("a session that holds a lock takes no question", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The connection goes back to a pool, where it may be idle and another thread has it for itself. */
    @Override
    public void close() {
        ended.countDown();
        try {
            giver.join();
            run("SET idle_session_timeout = 0");
        } catch (SQLException e) {
            log.debug("a session that held a lock takes no setting", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
