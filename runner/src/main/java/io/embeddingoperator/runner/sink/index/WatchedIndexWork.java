package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.runner.failure.StoppedException;
import io.embeddingoperator.runner.postgres.SqlWork;
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

/** Work on an index, of minutes or hours, on a thread of its own: the caller's watches it, and can be interrupted. */
public final class WatchedIndexWork {
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);

    private WatchedIndexWork() {}

    /** Does the work, and the watching again and again until the work ends. An interrupt cancels its statement. */
    public static <T> T run(Connection connection, SqlWork<T> work, Runnable watching) throws SQLException {
        try (ExecutorService worker = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<T> result = worker.submit(() -> work.run(connection));
            while (!isDone(result, connection)) {
                watching.run();
            }
            return result.resultNow();
        }
    }

    private static boolean isDone(Future<?> work, Connection connection) throws SQLException {
        try {
            work.get(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
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
            throw new IllegalStateException("the work on the index failed", e.getCause());
        }
    }
}
