package io.embeddingoperator.e2e.testing;

import io.embeddingoperator.cluster.node.KubernetesNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * A database with pgvector on a real PostgreSQL server that all tests of a JVM share: source and sink of a job.
 *
 * @param uri in libpq's form
 */
public record TestingDatabase(String uri) {
    private static final Program POSTGRES = new Program(Checkout.file("dev/postgres"), Map.of());
    private static final Path TARGET = Checkout.file("testing/e2e/target");
    private static final String FOLDER = TARGET.resolve("postgres").toString();

    /** Where the server says that it is. */
    private static final String LOOPBACK = "127.0.0.1";

    private static String server;
    private static int databases;

    /** A fresh one. */
    public static synchronized TestingDatabase create() {
        if (server == null) {
            POSTGRES.ask("remove", FOLDER);
            server = startServer();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> POSTGRES.ask("remove", FOLDER)));
        }
        String name = "e2e_" + ++databases;
        new TestingDatabase(server).execute("CREATE DATABASE " + name);
        TestingDatabase database = new TestingDatabase(server.replaceFirst("/[^/?]*(\\?|$)", "/" + name + "$1"));
        database.execute("CREATE EXTENSION vector");
        return database;
    }

    /** Ends the server of all databases in an orderly way, until {@link #startServer}. */
    public static void stopServer() {
        POSTGRES.run("stop", FOLDER);
    }

    /** Ends the server of all databases as a crash would. */
    public static void crashServer() {
        POSTGRES.run("kill", FOLDER);
    }

    /** Starts it, again at the same address; returns its URI when it answers. */
    public static String startServer() {
        return POSTGRES.run("start", FOLDER, "fsync=off", "listen_addresses=*", "hba_file=" + hostBasedAuthentication())
                .lines()
                .reduce((first, last) -> last)
                .orElseThrow()
                .replace(LOOPBACK, KubernetesNode.GATEWAY);
    }

    /** Pods have addresses of their own. */
    private static Path hostBasedAuthentication() {
        try {
            return Files.writeString(TARGET.resolve("pg_hba.conf"), "host all all all scram-sha-256\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The table documents (id, body), in which every document becomes one to three chunks. */
    public TestingDatabase withDocuments(int documents) {
        execute(
                "CREATE TABLE documents (id bigint PRIMARY KEY, body text)",
                """
                INSERT INTO documents
                SELECT i, repeat('the river runs low and the old house is near the water ', 1 + (i * 7919 %% 5)::int) || i
                FROM generate_series(1, %d) i""".formatted(documents),
                "ANALYZE documents");
        return this;
    }

    /** Locks a table until the hold is closed: runners that begin or go on to read it wait for as long as that takes. */
    public Hold hold(String table) {
        return lock(table, "ACCESS EXCLUSIVE");
    }

    /** Locks a table against changes alone: runners plan and embed, and wait with the first window that they have ready. */
    public Hold holdWritesTo(String table) {
        return lock(table, "SHARE");
    }

    private Hold lock(String table, String mode) {
        try {
            Connection connection = connect();
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("LOCK TABLE %s IN %s MODE".formatted(table, mode));
            }
            return new Hold(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** A table that is locked. */
    public record Hold(Connection connection) implements AutoCloseable {
        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        }
    }

    public void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** The only value that a query gives. */
    public long number(String query) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** The only text that a query gives. */
    public String text(String query) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** All that a run wrote into a table, as one text: two tables with the same one hold the same, to the last bit. */
    public String rows(String table) {
        return text("""
                SELECT count(*) || ' rows ' || md5(string_agg(
                    concat_ws('|', id, chunk, content, embedding, chunk_start, chunk_end, document_hash), E'\\n'
                    ORDER BY id, chunk))
                FROM\s""" + table);
    }

    private Connection connect() throws SQLException {
        String[] parts = uri.replaceFirst("^postgresql://", "").split("@", 2);
        String[] login = parts[0].split(":", 2);
        return DriverManager.getConnection("jdbc:postgresql://" + parts[1], login[0], login[1]);
    }
}
