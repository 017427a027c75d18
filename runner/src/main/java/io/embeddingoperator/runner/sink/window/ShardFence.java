package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.state.Shards;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes changes to a shard that this process owns, one after the other and each exactly once, from any thread.
 *
 * <p>Each change is a transaction that locks the shard's row first and raises its number of windows by one. The row's epoch
 * tells whether the shard is still ours, and the number whether this very change was committed by an attempt whose answer was
 * lost, or changes before it were lost by the server.
 */
public final class ShardFence {
    private final SinkDatabase database;
    private final Run run;
    private final ShardLease lease;
    private final Runnable beforeItsEnd;
    private final Lock oneByOne = new ReentrantLock();
    private long committed;
    private boolean uncertain;

    /** @param beforeItsEnd done before the shard is marked as complete: it may be the last of the run */
    public ShardFence(SinkDatabase database, Run run, ShardLease lease, Runnable beforeItsEnd) {
        this.database = database;
        this.run = run;
        this.lease = lease;
        this.beforeItsEnd = beforeItsEnd;
        this.committed = lease.windows();
    }

    /** What is changed inside the transaction. */
    public interface Change<T> {
        /**
         * @param shard the shard's row, locked
         * @param windows the number to write into the row, with {@link Shards#advance} or {@link Shards#count}
         */
        T make(Connection connection, Shards.Locked shard, long windows) throws SQLException;
    }

    /**
     * @param doing the start of a sentence, for example {@code Committing a window}
     * @return what the change made; when it was the answer to its commit that was lost, then too
     * @throws io.embeddingoperator.runner.failure.ShardTakenOverException when another process owns the shard
     * @throws io.embeddingoperator.runner.failure.CheckpointLostException when the server lost changes before this one
     */
    public <T> T change(String doing, Change<T> change) {
        oneByOne.lock();
        try {
            Attempts<T> attempts = new Attempts<>(change);
            try {
                T made = database.transaction("%s of shard %d".formatted(doing, lease.shard()), attempts::attempt);
                committed++;
                uncertain = false;
                return made;
            } catch (RuntimeException e) {
                uncertain |= attempts.made != null;
                throw e;
            }
        } finally {
            oneByOne.unlock();
        }
    }

    /** Ends the shard; safe to repeat. */
    void complete() {
        beforeItsEnd.run();
        oneByOne.lock();
        try {
            database.transaction("Completing shard %d".formatted(lease.shard()), this::complete);
        } finally {
            oneByOne.unlock();
        }
    }

    private Void complete(Connection connection) throws SQLException {
        Shards.complete(connection, run, lease, committed);
        return null;
    }

    /** The attempts at one change. */
    private final class Attempts<T> {
        private final Change<T> change;
        private @Nullable Made<T> made;

        Attempts(Change<T> change) {
            this.change = change;
        }

        T attempt(Connection connection) throws SQLException {
            Shards.Locked shard = Shards.lock(connection, run, lease, committed);
            if (made != null && shard.windows() == committed + 1) {
                return made.result();
            }
            if (uncertain && shard.windows() == committed + 1) {
                // The change before this one was given up while its answer was awaited, and it did take place.
                committed++;
            }
            uncertain = false;
            if (shard.windows() != committed || shard.complete()) {
                throw new IllegalStateException("change %d of shard %d cannot follow %d changes%s"
                        .formatted(
                                committed + 1,
                                lease.shard(),
                                shard.windows(),
                                shard.complete() ? ", the last ones" : ""));
            }
            made = new Made<>(change.make(connection, shard, committed + 1));
            return made.result();
        }
    }

    private record Made<T>(T result) {}
}
