package io.embeddingoperator.runner.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** A real pgbouncer in front of a database, run through {@code dev/pgbouncer}. */
public final class TestingPooler implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final int port;

    private TestingPooler(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * @param mode session, transaction or statement
     * @param sessions of the server at the most
     */
    public static TestingPooler start(String database, String mode, int sessions) {
        try {
            int port = freePort();
            Path folder = Files.createTempDirectory("embedding-operator-pgbouncer");
            Process process = new ProcessBuilder(
                            TestingPostgres.repositoryRoot()
                                    .resolve("dev/pgbouncer")
                                    .toString(),
                            "run",
                            folder.toString(),
                            String.valueOf(port),
                            database,
                            mode,
                            String.valueOf(sessions))
                    .inheritIO()
                    .start();
            TestingPooler pooler = new TestingPooler(process, port);
            pooler.awaitStart();
            return pooler;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The URI of the database, through the pooler. */
    public String uri(String database) {
        return database.replaceFirst("@[^/]*/", "@127.0.0.1:" + port + "/");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private void awaitStart() {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!listens()) {
            if (!process.isAlive() || Instant.now().isAfter(deadline)) {
                close();
                throw new IllegalStateException("pgbouncer does not start");
            }
            Thread.onSpinWait();
        }
    }

    private boolean listens() {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
