package io.embeddingoperator.runner.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class DatabaseTest {
    private static final String VARIABLE = "EMBEDDING_SINK_URI";

    @Test
    void transactionCommitsOrLeavesNothing() throws SQLException {
        String uri = TestingPostgres.shared().newDatabase();
        TestingPostgres.execute(uri, "CREATE TABLE t (id int PRIMARY KEY)");
        try (Database database = open(uri)) {
            database.transaction("Writing", connection -> execute(connection, "INSERT INTO t VALUES (1)"));
            assertThatThrownBy(() -> database.transaction("Writing", connection -> {
                        execute(connection, "INSERT INTO t VALUES (2)");
                        return execute(connection, "INSERT INTO t VALUES (1)");
                    }))
                    .isInstanceOf(SQLException.class);

            assertThat(count(database)).isEqualTo(1);
        }
    }

    @Test
    void readOnlyWorkCannotWrite() throws SQLException {
        String uri = TestingPostgres.shared().newDatabase();
        TestingPostgres.execute(uri, "CREATE TABLE t (id int PRIMARY KEY)");
        try (Database database =
                Database.open(ConnectionUri.parse(VARIABLE, uri), Access.WRITES, 1, Duration.ofMillis(300))) {
            assertThatThrownBy(() ->
                            database.readOnly("Reading", connection -> execute(connection, "INSERT INTO t VALUES (1)")))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("cannot execute INSERT in a read-only transaction");

            database.transaction("Writing", connection -> execute(connection, "INSERT INTO t VALUES (1)"));
            assertThat(count(database)).isEqualTo(1);
        }
    }

    @Test
    void sessionThatHoldsARowThatIsWaitedForIsNamed() throws Exception {
        String uri = TestingPostgres.shared().newDatabase();
        TestingPostgres.execute(uri, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        try (Database database = open(uri);
                Connection other = TestingPostgres.connect(uri + "?ApplicationName=psql");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            other.setAutoCommit(false);
            execute(other, "UPDATE t SET id = 2");
            Future<Integer> waiting = threads.submit(() -> database.transaction("Counting the rows", connection -> {
                execute(connection, "UPDATE t SET id = 3");
                return count(database);
            }));

            String sentence = "";
            while (!sentence.contains("waits for a lock") && !waiting.isDone()) {
                sentence = Activities.ofThisProcess()
                        .longest(Duration.ZERO)
                        .map(Activity::sentence)
                        .orElse("");
            }
            other.rollback();

            assertThat(sentence)
                    .startsWith("Counting the rows has taken ")
                    .contains(": it waits for a lock of process ")
                    .contains("(role embedding, application psql, from 127.0.0.1, idle in transaction for ");
            assertThat(waiting.get()).isEqualTo(1);
        }
    }

    @Test
    void standbyThatRefusesToWriteIsToldAsOne() throws Exception {
        try (TestingPostgres server = TestingPostgres.start("fsync=off")) {
            server.restartAsStandby();
            try (Database database =
                    Database.open(ConnectionUri.parse(VARIABLE, server.uri()), Access.WRITES, 2, Duration.ZERO)) {
                assertThatThrownBy(() -> database.transaction("Writing", c -> execute(c, "CREATE TABLE t (id int)")))
                        .isInstanceOf(UnavailableException.class)
                        .hasMessageContaining(
                                "cannot execute CREATE TABLE in a read-only transaction: the server is a standby:"
                                        + " name the primary, or all servers and target_session_attrs=read-write");
            }
        }
    }

    @Test
    void transactionOutlivesARestartOfTheServer() throws SQLException {
        try (TestingPostgres server = TestingPostgres.start("fsync=off")) {
            TestingPostgres.execute(server.uri(), "CREATE TABLE t (id int PRIMARY KEY)");
            AtomicInteger runs = new AtomicInteger();
            try (Database database = open(server.uri())) {
                database.transaction("Writing", connection -> {
                    if (runs.getAndIncrement() == 0) {
                        server.kill();
                        Thread.ofVirtual().start(server::restart);
                    }
                    return execute(connection, "INSERT INTO t VALUES (1)");
                });

                assertThat(runs.get()).isGreaterThan(1);
                assertThat(count(database)).isEqualTo(1);
            }
        }
    }

    @Test
    void serverThatStaysAwayEndsInASentence() {
        TestingPostgres server = TestingPostgres.start("fsync=off");
        ConnectionUri uri = ConnectionUri.parse(VARIABLE, server.uri());
        try (Database database = Database.open(uri, Access.WRITES, 1, Duration.ofMillis(500))) {
            server.close();

            assertThatThrownBy(() -> database.transaction("Writing", connection -> execute(connection, "SELECT 1")))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessage(
                            uri + " (EMBEDDING_SINK_URI) stayed unavailable: connection refused: run again once it is"
                                    + " back, the run goes on from its checkpoint");
        }
    }

    @Test
    void unreachableServerIsUnavailable() {
        assertThatThrownBy(() -> open("postgresql://u:secret@127.0.0.1:1/wiki"))
                .isInstanceOf(UnavailableException.class)
                .hasMessage(
                        "EMBEDDING_SINK_URI: 127.0.0.1:1/wiki cannot be reached: connection refused: start the server,"
                                + " or correct host and port");
        assertThatThrownBy(() -> open("postgresql://u:secret@nowhere.invalid/wiki"))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("EMBEDDING_SINK_URI: nowhere.invalid:5432/wiki cannot be reached: the host name"
                        + " is unknown: start the server, or correct host and port");
    }

    @Test
    void refusedLoginIsASpecificationFailureWithoutThePassword() {
        String uri = TestingPostgres.shared().uri();
        String server = uri.replaceFirst(".*@(.*)/.*", "$1");
        assertThatThrownBy(() -> open(uri.replaceFirst(":[^:@/]+@", ":secret@")))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "EMBEDDING_SINK_URI: %s/embedding refuses the user embedding: password authentication failed for"
                                        .formatted(server)
                                + " user \"embedding\": correct the user and the password");
        assertThatThrownBy(() -> open(uri.replaceFirst("/embedding$", "/nowhere")))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("EMBEDDING_SINK_URI: %s/nowhere refuses the user embedding: there is no such database:"
                                .formatted(server)
                        + " correct the database, or create it");
        assertThatThrownBy(() -> open(uri + "?sslmode=require"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "EMBEDDING_SINK_URI: %s/embedding refuses the user embedding: The server does not support SSL.:"
                                        .formatted(server)
                                + " correct the URI");
    }

    @ParameterizedTest
    @CsvSource({
        "08006,UNAVAILABLE",
        "57P01,UNAVAILABLE",
        "57014,UNAVAILABLE",
        "53100,UNAVAILABLE",
        "40P01,UNAVAILABLE",
        "25006,UNAVAILABLE",
        "55P03,UNAVAILABLE",
        "HV00N,UNAVAILABLE",
        "72000,UNAVAILABLE",
        "22021,DATA",
        "23505,DATA",
        "54000,DATA",
        "44000,DATA",
        "2F005,DATA",
        "20000,DATA",
        "21000,DATA",
        "42P01,SPECIFICATION",
        "42501,SPECIFICATION",
        "0A000,SPECIFICATION",
        "55000,SPECIFICATION",
        "HV000,SPECIFICATION",
        "08004,SPECIFICATION",
        "57P04,SPECIFICATION",
        "XX000,UNEXPECTED",
        ",UNEXPECTED"
    })
    void statesAreSorted(String state, SqlFailure failure) {
        assertThat(SqlFailure.of(new SQLException("", state))).isEqualTo(failure);
        assertThat(SqlFailure.of(new SQLException(new SQLException("", state)))).isEqualTo(failure);
    }

    @Test
    void failureInsideOfTheServerIsNoMistakeOfTheRunner() {
        String uri = TestingPostgres.shared().newDatabase();
        try (Database database = open(uri)) {
            SQLException corrupted = new PSQLException(
                    new ServerErrorMessage("SERROR\0CXX001\0Mcould not read block 7 in file \"base/5/16384\"\0\0"));

            assertThat(database.failure("reading t", SqlFailure.withoutData(corrupted)))
                    .isInstanceOf(UnavailableException.class);
            assertThat(database.failure("reading t", corrupted))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessage(
                            "reading t in %s (EMBEDDING_SINK_URI) failed: could not read block 7 in file \"base/5/16384\":"
                                    + " the server failed inside, and its log tells more; if it does so again, ask who runs it",
                            database.uri());
        }
    }

    @Test
    void poolThatIsInUseIsAReasonToTryAgain() {
        assertThat(SqlFailure.of(new SQLTransientConnectionException("no connection in time")))
                .isEqualTo(SqlFailure.UNAVAILABLE);
    }

    private static Database open(String uri) {
        return Database.open(ConnectionUri.parse(VARIABLE, uri), Access.WRITES, 2);
    }

    private static boolean execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
        }
    }

    private static int count(Database database) throws SQLException {
        return database.readOnly("Reading", connection -> {
            try (ResultSet row = connection.createStatement().executeQuery("SELECT count(*) FROM t")) {
                row.next();
                return row.getInt(1);
            }
        });
    }
}
