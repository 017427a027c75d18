package io.embeddingoperator.runner.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.postgresql.PGConnection;

/** Connections to one database, shared by many threads, and what their failures mean to a person. */
public final class Database implements AutoCloseable {
    /** How long a transaction is tried again while the server is away. */
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    private final ConnectionUri uri;
    private final HikariDataSource pool;
    private final Outage outage;

    private Database(ConnectionUri uri, HikariDataSource pool, Duration patience) {
        this.uri = uri;
        this.pool = pool;
        this.outage = new Outage(uri, patience);
    }

    /** Opens with the usual {@link #PATIENCE}. */
    public static Database open(ConnectionUri uri, Access access, int connections) {
        return open(uri, access, connections, PATIENCE);
    }

    /**
     * Connects twice, to know that the URI works and leads to sessions of our own.
     *
     * @param connections at the same time, at the most
     * @param patience how long transactions are tried again while the server is away
     * @throws SpecificationException when the server refuses the login or the database, or a pooler shares its sessions
     * @throws UnavailableException when there is no server to talk to
     */
    public static Database open(ConnectionUri uri, Access access, int connections, Duration patience) {
        SessionSettings settings;
        try (Connection first = uri.dataSource().getConnection();
                Connection second = uri.dataSource().getConnection()) {
            PoolerCheck.refuseSharedSessions(uri, first, second);
            settings = SessionSettings.of(uri, first, access);
        } catch (SQLException e) {
            throw refused(uri, e);
        }
        HikariConfig config = new HikariConfig();
        config.setPoolName(uri.toString());
        config.setDataSource(uri.dataSource());
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(0);
        config.setConnectionInitSql(settings.statements());
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        return new Database(uri, new HikariDataSource(config), patience);
    }

    public ConnectionUri uri() {
        return uri;
    }

    /** A connection in autocommit mode; closing it gives it back. */
    public Connection connection() throws SQLException {
        return pool.getConnection();
    }

    /**
     * Runs work in a transaction, again while the server is away. After a connection that broke in the commit it is not
     * known whether it took place, so work must be safe to repeat.
     *
     * @param doing what a person is told while it takes long, for example {@code "Taking shard 3"}
     * @throws SQLException when trying again would not help
     * @throws UnavailableException when the server stayed away, or this thread was interrupted
     */
    public <T> T transaction(String doing, SqlWork<T> work) throws SQLException {
        return persist(doing, () -> once(doing, false, work));
    }

    /** As {@link #transaction}, for work that only reads. */
    public <T> T readOnly(String doing, SqlWork<T> work) throws SQLException {
        return persist(doing, () -> once(doing, true, work));
    }

    /**
     * As {@link #readOnly}, for work that reads rows: no failure of it shows a value of theirs, nor does any later log line.
     *
     * @throws SpecificationException when a function that a condition or view calls wants to write or to leave the
     *     transaction
     */
    public <T> T readRows(String doing, SqlWork<T> work) throws SQLException {
        return readOnly(doing, connection -> {
            try {
                return work.run(connection);
            } catch (SQLException e) {
                if (SqlFailure.state(e).equals(SqlFailure.READ_ONLY)
                        || SqlFailure.state(e).equals("25001")) {
                    throw new SpecificationException(
                            ("%s (%s) is read in a read-only transaction, and a function that the source's condition or"
                                            + " view calls wants to write: leave it out")
                                    .formatted(uri, uri.variable()),
                            SqlFailure.withoutData(e));
                }
                throw SqlFailure.withoutData(e);
            }
        });
    }

    /**
     * Runs work in which every statement commits by itself and may take hours, again while the server is away; for
     * locks of a session and for statements that no transaction may hold.
     *
     * @throws SQLException when trying again would not help
     * @throws UnavailableException when the server stayed away, or this thread was interrupted
     */
    public <T> T session(String doing, SqlWork<T> work) throws SQLException {
        return persist(doing, () -> {
            try (Activity activity = Activities.ofThisProcess().begin(doing);
                    Connection connection = connection(activity)) {
                waitFor(connection);
                return work.run(connection);
            }
        });
    }

    /** Lets statements of this connection take hours, until it is given back; a server that died is noticed all the same. */
    public static void waitFor(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, 0);
    }

    /**
     * What a failure means to a person.
     *
     * @param doing what was tried, for example {@code "creating the table public.vectors"}
     */
    public RunnerException failure(String doing, SQLException e) {
        String sentence = "%s in %s (%s) failed: %s".formatted(doing, uri, uri.variable(), words(e));
        return switch (SqlFailure.of(e)) {
            case UNAVAILABLE -> new UnavailableException(sentence, e);
            case SPECIFICATION -> new SpecificationException(sentence, e);
            case DATA -> new SpecificationException(sentence, SqlFailure.withoutData(e));
            case UNEXPECTED -> unexpected(sentence, e);
        };
    }

    private static RunnerException unexpected(String sentence, SQLException e) {
        if (!SqlMeaning.isOfServer(e)) {
            throw new IllegalStateException(sentence, e);
        }
        return new UnavailableException(
                sentence + ": the server failed inside, and its log tells more; if it does so again, ask who runs it",
                e);
    }

    @Override
    public void close() {
        pool.close();
    }

    private <T> T persist(String doing, CheckedSupplier<T> attempt) throws SQLException {
        try (Activity activity = Activities.ofThisProcess().begin(doing)) {
            activity.explainedBy(outage::sentence);
            T result = Failsafe.with(this.<T>whileUnavailable()).get(attempt);
            outage.over();
            return result;
        } catch (FailsafeException e) {
            if (e.getCause() instanceof SQLException sql) {
                if (SqlFailure.of(sql) == SqlFailure.UNAVAILABLE) {
                    throw new UnavailableException(
                            "%s (%s) stayed unavailable: %s: run again once it is back, the run goes on from its checkpoint"
                                    .formatted(uri, uri.variable(), words(sql)),
                            sql);
                }
                if (!Thread.currentThread().isInterrupted()) {
                    throw sql;
                }
            }
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while %s was unavailable".formatted(uri), e);
        }
    }

    /** What the server says, and of a refusal to write why: the refusal itself names neither a standby nor a setting. */
    private String words(SQLException failure) {
        String words = SqlFailure.words(failure);
        return SqlFailure.state(failure).equals(SqlFailure.READ_ONLY)
                ? words + ": " + new ReadOnlyReason(uri).sentence()
                : words;
    }

    private <T> RetryPolicy<T> whileUnavailable() {
        Outage.Patience patience = outage.new Patience();
        return RetryPolicy.<T>builder()
                .handleIf(failure -> failure instanceof SQLException e && SqlFailure.of(e) == SqlFailure.UNAVAILABLE)
                .withBackoff(Duration.ofMillis(200), Duration.ofSeconds(15))
                .withJitter(0.2)
                .withMaxRetries(-1)
                .onFailedAttempt(event -> {
                    SQLException failure = (SQLException) event.getLastException();
                    outage.seen(() -> words(failure));
                    patience.attemptFailed(event.getElapsedAttemptTime());
                })
                .abortIf((result, failure) -> failure != null
                        && (patience.isOver() || Thread.currentThread().isInterrupted()))
                .build();
    }

    private Connection connection(Activity activity) throws SQLException {
        activity.explainedBy(() -> Optional.of("it waits for a connection to " + uri));
        Connection connection = pool.getConnection();
        int process = connection.unwrap(PGConnection.class).getBackendPID();
        activity.explainedBy(new BlockedStatement(uri, process)::why);
        return connection;
    }

    private <T> T once(String doing, boolean readOnly, SqlWork<T> work) throws SQLException {
        try (Activity activity = Activities.ofThisProcess().begin(doing);
                Connection connection = connection(activity)) {
            connection.setReadOnly(readOnly);
            connection.setAutoCommit(false);
            try {
                T result = work.run(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException failure) {
                rollBack(connection, failure);
                throw failure;
            }
        }
    }

    private static void rollBack(Connection connection, Exception failure) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private static RunnerException refused(ConnectionUri uri, SQLException e) {
        String words = refusal(e);
        String state = SqlFailure.state(e);
        if (SqlFailure.of(e) == SqlFailure.UNAVAILABLE && !words.contains("unsupported startup parameter")) {
            String advice;
            if (state.startsWith("53")) {
                advice =
                        "the runner needs at least two connections at a time: raise the limit of the server or of the role";
            } else if (state.startsWith("57014")) {
                advice = "run again, or raise the statement_timeout of the role";
            } else {
                advice = "start the server, or correct host and port";
            }
            return new UnavailableException(
                    "%s: %s cannot be reached: %s: %s".formatted(uri.variable(), uri, words, advice), e);
        }
        String advice = switch (state) {
            case "28P01", "28000" -> "correct the user and the password";
            case "3D000" -> "correct the database, or create it";
            case "42501" -> "let a superuser grant it, or reset that setting of the role or the database";
            case "08P01" -> "let the pooler ignore this parameter (pgbouncer: ignore_startup_parameters)";
            default -> "correct the URI";
        };
        if (!uri.hasPlainUser()) {
            return refusedWithoutWords(uri, state, advice);
        }
        return new SpecificationException(
                "%s: %s refuses the user %s: %s: %s".formatted(uri.variable(), uri, uri.user(), words, advice), e);
    }

    /** The server's words would quote the user, in whose name a password may have slipped. */
    private static RunnerException refusedWithoutWords(ConnectionUri uri, String state, String advice) {
        boolean isLogin = state.startsWith("28");
        return new SpecificationException(
                ("%s: %s refuses %s, whose name has a character in it that separates the parts of a URI (it is"
                                + " not shown, a password may be a part of it; SQLSTATE %s): %s")
                        .formatted(
                                uri.variable(),
                                uri,
                                isLogin ? "the user" : "a session of the user",
                                state,
                                isLogin
                                        ? "write user:password, encode others by %XX, and correct the user and the password"
                                        : advice));
    }

    /** The server quotes what it was sent before a login, such as options, and a password may have slipped into that. */
    private static String refusal(SQLException e) {
        String state = SqlFailure.state(e);
        if (state.equals("3D000")) {
            return "there is no such database";
        }
        // Of a setting that a role may not make, the server names the setting and no value.
        boolean isKnown = state.startsWith("28") || state.equals("42501") || SqlFailure.of(e) == SqlFailure.UNAVAILABLE;
        // What the driver says stays as it is.
        return isKnown || SqlFailure.withoutData(e) == e
                ? SqlFailure.words(e)
                : "its parameters are not taken (SQLSTATE %s)".formatted(state);
    }
}
