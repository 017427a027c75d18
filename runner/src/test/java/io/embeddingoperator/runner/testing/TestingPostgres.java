package io.embeddingoperator.runner.testing;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A real PostgreSQL with pgvector, started through {@code dev/postgres} in a data folder of its own. One server is shared
 * by all tests of a JVM ({@link #shared}); each test takes a fresh database from it. A test that stops or kills the server
 * starts its own.
 */
public final class TestingPostgres implements AutoCloseable {
    /** Set by {@code make test-fast}, in which a test that asks for a server is skipped. */
    private static final boolean FORBIDDEN = Boolean.getBoolean("embedding.tests.withoutDatabase");

    private static TestingPostgres shared;
    private static int databases;

    /** Has the extension vector, so that a database that is copied from it need not make it. */
    private static final String TEMPLATE = "with_vector";

    private final Path folder;
    private final String uri;
    private boolean hasTemplate;

    private TestingPostgres(Path folder, String uri) {
        this.folder = folder;
        this.uri = uri;
    }

    /** The server that all tests of this JVM share; it is removed when the JVM ends. */
    public static synchronized TestingPostgres shared() {
        if (shared == null) {
            shared = start("fsync=off");
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        return shared;
    }

    /** A server of the caller's own, with settings such as {@code "fsync=off"}. */
    public static TestingPostgres start(String... settings) {
        assumeFalse(FORBIDDEN, "a test that starts a PostgreSQL");
        try {
            Path folder = Files.createTempDirectory("embedding-operator-postgres");
            List<String> command = new ArrayList<>(List.of("start", folder.toString()));
            for (String setting : settings) {
                command.add(setting);
            }
            return new TestingPostgres(folder, script(command));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A server that follows this one, asynchronously, with settings such as {@code "fsync=off"}; it has caught up with all that is
     * committed now.
     */
    public TestingPostgres startStandby(String... settings) {
        try {
            Path copy = Files.createTempDirectory("embedding-operator-postgres");
            List<String> command = new ArrayList<>(List.of("standby", copy.toString(), folder.toString()));
            command.addAll(List.of(settings));
            TestingPostgres standby = new TestingPostgres(copy, script(command));
            String committed = text(uri, "SELECT pg_current_wal_lsn()");
            await(
                    "the standby has caught up",
                    () -> text(
                                    standby.uri,
                                    "SELECT coalesce(pg_last_wal_replay_lsn() >= '%s', false)".formatted(committed))
                            .equals("t"));
            return standby;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on this standby hears nothing of its primary any more: what that commits later is lost when this one takes over. */
    public void cutOff() {
        execute(uri, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
        await(
                "the standby is cut off",
                () -> text(uri, "SELECT count(*) FROM pg_stat_wal_receiver").equals("0"));
    }

    /** This standby becomes a primary. */
    public void promote() {
        script(List.of("promote", folder.toString()));
    }

    /** Kills every process of the server with SIGKILL. */
    public void killAtOnce() {
        List<ProcessHandle> processes = processes();
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    /** Each connection has a process whose parent is the server. */
    private List<ProcessHandle> processes() {
        try (Connection connection = connect(uri);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            ProcessHandle server = ProcessHandle.of(row.getLong(1))
                    .flatMap(ProcessHandle::parent)
                    .orElseThrow();
            return Stream.concat(Stream.of(server), server.descendants()).toList();
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static void await(String what, BooleanSupplier happened) {
        Instant end = Instant.now().plusSeconds(60);
        while (!happened.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError(what + ": that never happened");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static String text(String uri, String query) {
        try (Connection connection = connect(uri);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** A server of the caller's own in which nothing beside commits and its log writer brings the log to the disk. */
    public static TestingPostgres startForgetful(String... settings) {
        List<String> all = new ArrayList<>(List.of("autovacuum=off", "bgwriter_lru_maxpages=0", "wal_buffers=64MB"));
        all.addAll(List.of(settings));
        return start(all.toArray(String[]::new));
    }

    /** Starts the server again, at the same address. */
    public void restart() {
        script(List.of("start", folder.toString()));
    }

    /** Stops the server in an orderly way. */
    public void stop() {
        script(List.of("stop", folder.toString()));
    }

    /** Starts the server again as a standby, of a primary that never sends it anything. */
    public void restartAsStandby() {
        try (Connection connection = connect(uri);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            execute(uri, "COPY (SELECT 1) TO '%s/standby.signal'".formatted(row.getString(1)));
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        stop();
        restart();
    }

    /** Ends the server as a crash would. */
    public void kill() {
        script(List.of("kill", folder.toString()));
    }

    /** The libpq URI of a new, empty database with the extension vector. */
    public String newDatabase() {
        String name;
        synchronized (TestingPostgres.class) {
            name = "test_" + ++databases;
            makeTemplate();
            execute(uri, "CREATE DATABASE %s TEMPLATE %s".formatted(name, TEMPLATE));
        }
        return uri(name);
    }

    /** A standby that took over has it from its primary. */
    private void makeTemplate() {
        if (!hasTemplate
                && text(uri, "SELECT count(*) FROM pg_database WHERE datname = '%s'".formatted(TEMPLATE))
                        .equals("0")) {
            execute(uri, "CREATE DATABASE " + TEMPLATE);
            execute(uri(TEMPLATE), "CREATE EXTENSION vector");
        }
        hasTemplate = true;
    }

    private String uri(String database) {
        return uri.replaceFirst("/[^/?]*(\\?|$)", "/" + database + "$1");
    }

    /** The libpq URI of the server's own database. */
    public String uri() {
        return uri;
    }

    /** Keeps from the disk what does not wait for it, until {@link #crash}. */
    public void withholdLog() {
        try (Connection connection = connect(uri)) {
            signalLogWriter(connection, "STOP");
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Makes the server crash and waits until it has recovered, by itself, what had reached the disk. */
    public void crash() {
        try (Connection connection = connect(uri)) {
            signalLogWriter(connection, "KILL");
            while (connection.isValid(1)) {
                Thread.onSpinWait();
            }
            await("the server has recovered", this::answers);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private boolean answers() {
        try (Connection connection = connect(uri)) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    private static void signalLogWriter(Connection connection, String signal) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")) {
            row.next();
            Process kill = new ProcessBuilder("kill", "-" + signal, row.getString(1))
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("the signal %s does not reach the log writer".formatted(signal));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the server was sent a signal", e);
        }
    }

    /** A plain connection for a test to look with. */
    public static Connection connect(String uri) throws SQLException {
        String[] parts = uri.replaceFirst("^postgresql://", "").split("@", 2);
        String[] login = parts[0].split(":", 2);
        return DriverManager.getConnection("jdbc:postgresql://" + parts[1], login[0], login[1]);
    }

    /** Runs statements in a connection of their own. */
    public static void execute(String uri, String... statements) {
        try (Connection connection = connect(uri);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Ends the server and deletes its data. */
    @Override
    public void close() {
        script(List.of("remove", folder.toString()));
    }

    private static String script(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(repositoryRoot().resolve("dev/postgres").toString());
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException("%s ended with status %d".formatted(command, status));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command + " ran", e);
        }
    }

    static Path repositoryRoot() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(folder.resolve("dev/postgres"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException(
                        "no dev/postgres above " + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }
}
