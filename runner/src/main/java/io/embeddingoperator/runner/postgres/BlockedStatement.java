package io.embeddingoperator.runner.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells why the server does not answer a statement: it waits for a lock of another session, or works. The server is asked on a
 * connection of its own and in the background, for a server that does not answer one statement may not answer this one.
 */
final class BlockedStatement {
    private static final Logger log = LoggerFactory.getLogger(BlockedStatement.class);
    private static final long NANOS_BETWEEN_QUESTIONS = 5_000_000_000L;

    private static final String SQL = "SELECT " + ServerSession.COLUMNS + """
            , waiting.wait_event_type, waiting.wait_event, waiting.state AS own_state
            FROM pg_catalog.pg_stat_activity waiting
            LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = ANY (pg_catalog.pg_blocking_pids(waiting.pid))
            WHERE waiting.pid = ? ORDER BY a.pid LIMIT 1
            """;

    private final ConnectionUri uri;
    private final int process;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile long asked;
    private volatile Optional<String> answer = Optional.empty();

    /** @param process of the server, whose statement takes long */
    BlockedStatement(ConnectionUri uri, int process) {
        this.uri = uri;
        this.process = process;
        this.asked = System.nanoTime() - NANOS_BETWEEN_QUESTIONS;
    }

    /** What the server said last; a call may make it be asked again. */
    Optional<String> why() {
        if (System.nanoTime() - asked >= NANOS_BETWEEN_QUESTIONS && asking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("blocked").start(() -> {
                answer = ask();
                asked = System.nanoTime();
                asking.set(false);
            });
        }
        return answer;
    }

    private Optional<String> ask() {
        try (Connection connection = SessionSettings.forAQuestion(uri);
                PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setInt(1, process);
            try (ResultSet row = statement.executeQuery()) {
                // A pooler tells a number of its own in place of the process.
                return row.next() ? Optional.of(sentence(row)) : Optional.empty();
            }
        } catch (SQLException e) {
            log.debug("The server does not say what a statement waits for", e);
            return Optional.of("the server cannot be asked why: " + SqlFailure.words(e));
        }
    }

    private static String sentence(ResultSet row) throws SQLException {
        if (row.getObject("pid") != null) {
            return "it waits for a lock of " + ServerSession.read(row).sentence();
        }
        if ("Lock".equals(row.getString("wait_event_type"))) {
            return "it waits for a lock of a prepared transaction (pg_prepared_xacts)";
        }
        return row.getString("wait_event") == null || !"active".equals(row.getString("own_state"))
                ? "the server works on it"
                : "the server works on it (wait event %s)".formatted(row.getString("wait_event"));
    }
}
