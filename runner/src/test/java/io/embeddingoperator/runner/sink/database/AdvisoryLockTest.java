package io.embeddingoperator.runner.sink.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdvisoryLockTest {
    private static final TableName TABLE = TableName.parse("table", "public.vectors");
    private static final Duration LONG = Duration.ofMinutes(5);

    private final String database = TestingPostgres.shared().newDatabase();

    @Test
    void strangerThatHoldsTheLockIsNamedAndGivenUpOn() throws Exception {
        // given a role without any right that took the lock
        TestingPostgres.execute(
                database, "DROP ROLE IF EXISTS lock_squatter", "CREATE ROLE lock_squatter LOGIN PASSWORD 'secret'");
        String squatter = database.replaceFirst("//[^@]*@", "//lock_squatter:secret@");
        try (Connection other = TestingPostgres.connect(squatter + "?ApplicationName=squat");
                SinkDatabase sink = open()) {
            other.createStatement().execute("SELECT pg_advisory_lock(%d)".formatted(key("preparation")));

            assertThatThrownBy(() -> take(sink, new LockPatience(Duration.ZERO, LONG, System::nanoTime)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("the lock of the preparation (advisory lock %d) was held for all of "
                            .formatted(key("preparation")))
                    .hasMessageContaining(
                            "by process %d (role lock_squatter, application squat, from 127.0.0.1, idle for"
                                    .formatted(process(other)))
                    .hasMessageContaining("connected since 2")
                    .hasMessageEndingWith(
                            "which is no runner at work: end that session (pg_terminate_backend) or wait for"
                                    + " it, and run again");
        }
    }

    @Test
    void silentSessionOfTheOwnRoleIsGivenUpOnLater() throws SQLException {
        try (Connection lost = TestingPostgres.connect(database);
                SinkDatabase sink = open()) {
            lost.createStatement().execute("SELECT pg_advisory_lock(%d)".formatted(key("preparation")));
            LockHolder silent =
                    LockHolder.of(asking(), key("preparation"), TABLE.sql(), 0).orElseThrow();

            assertThat(silent.ownRole()).isTrue();
            assertThat(silent.atWork()).isFalse();
            assertThatThrownBy(() -> take(sink, new LockPatience(LONG, Duration.ofNanos(-1), System::nanoTime)))
                    .isInstanceOf(UnavailableException.class);
        }
    }

    @Test
    void preparedTransactionIsNamedToo() throws Exception {
        try (TestingPostgres server = TestingPostgres.start("fsync=off", "max_prepared_transactions=1");
                Connection other = TestingPostgres.connect(server.uri());
                SinkDatabase sink = SinkDatabase.open(ConnectionUri.parse("URI", server.uri()), Duration.ZERO)) {
            other.setAutoCommit(false);
            other.createStatement().execute("SELECT pg_advisory_xact_lock(%d)".formatted(key("preparation")));
            other.createStatement().execute("PREPARE TRANSACTION 'forgotten'");
            other.commit();

            assertThatThrownBy(() -> take(sink, new LockPatience(Duration.ZERO, LONG, System::nanoTime)))
                    .hasMessageContaining("by a prepared transaction (SELECT * FROM pg_prepared_xacts");
        }
    }

    @Test
    void runnerThatWorksElsewhereIsWaitedFor() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        AtomicInteger rounds = new AtomicInteger();
        try (SinkDatabase first = open();
                SinkDatabase second = open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var holder = threads.submit(() -> first.session(
                    "Planning",
                    connection -> lock(LockPatience.USUAL).holding(connection, _ -> {
                        taken.countDown();
                        await(seen);
                        return "planned";
                    })));
            taken.await();
            LockPatience none = new LockPatience(Duration.ofNanos(-1), Duration.ofNanos(-1), System::nanoTime);

            // Each holder that is no runner at work would be given up on at once.
            String found;
            try {
                found = second.session(
                        "Planning",
                        connection -> lock(none)
                                .holding(
                                        connection,
                                        () -> {
                                            if (rounds.incrementAndGet() == 5) {
                                                seen.countDown();
                                            }
                                        },
                                        _ -> "found"));
            } finally {
                seen.countDown();
            }

            assertThat(found).isEqualTo("found");
            assertThat(holder.get()).isEqualTo("planned");
            assertThat(rounds).hasValueGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void serverEndsTheSessionOfAHolderThatGivesNoSignOfLife() throws SQLException {
        try (SinkDatabase sink = open()) {
            List<String> timeouts = sink.session(
                    "Looking",
                    connection -> lock(LockPatience.USUAL)
                            .holding(
                                    connection,
                                    locked -> List.of(
                                            value(locked, "SHOW idle_session_timeout"),
                                            value(locked, "SELECT 'held'"))));
            String after = sink.session("Looking", connection -> value(connection, "SHOW idle_session_timeout"));

            assertThat(timeouts).containsExactly("1min", "held");
            assertThat(after).isEqualTo("0");
        }
    }

    private SinkDatabase open() {
        return SinkDatabase.open(ConnectionUri.parse("EMBEDDING_SINK_URI", database), Duration.ZERO);
    }

    private static String take(SinkDatabase sink, LockPatience patience) {
        return sink.session("Taking", connection -> lock(patience).holding(connection, _ -> "taken"));
    }

    private static AdvisoryLock lock(LockPatience patience) {
        return AdvisoryLock.named("preparation", TABLE).with(patience);
    }

    private Connection asking() throws SQLException {
        return TestingPostgres.connect(database);
    }

    private static int process(Connection connection) throws SQLException {
        return Integer.parseInt(value(connection, "SELECT pg_backend_pid()"));
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (ResultSet row = connection.createStatement().executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As runners of each version make it. */
    private static long key(String name) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256")
                            .digest(("embedding-operator " + name).getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
