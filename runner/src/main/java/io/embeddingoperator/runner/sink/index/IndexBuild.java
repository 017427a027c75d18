package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.runner.failure.StoppedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.PGConnection;

/** An index build of minutes or hours, on a thread of its own: the caller's watches it, and can be interrupted. */
public final class IndexBuild {
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);

    private IndexBuild() {}

    /** Builds, and does the watching again and again until the build ends. An interrupt cancels the build. */
    public static void run(Connection connection, HnswIndex index, Runnable watching) throws SQLException {
        try (ExecutorService builder = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> build = builder.submit(() -> {
                index.build(connection);
                return null;
            });
            while (!isDone(build, connection)) {
                watching.run();
            }
        }
    }

    private static boolean isDone(Future<?> build, Connection connection) throws SQLException {
        try {
            build.get(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            connection.unwrap(PGConnection.class).cancelQuery();
            Thread.currentThread().interrupt();
            throw new StoppedException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException sql) {
                throw sql;
            }
            throw new IllegalStateException("the index could not be built", e.getCause());
        }
    }
}
