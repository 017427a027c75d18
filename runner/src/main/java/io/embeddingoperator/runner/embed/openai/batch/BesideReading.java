package io.embeddingoperator.runner.embed.openai.batch;

import io.embeddingoperator.runner.sink.pending.DocumentVectors;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Stores results while the next ones are read, so that neither the database nor this process waits for the other: one transaction
 * is under way at a time. Closing waits for it.
 */
final class BesideReading implements AutoCloseable {
    private final Consumer<List<DocumentVectors>> store;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("store").factory());
    private Future<?> underWay = CompletableFuture.completedFuture(null);

    BesideReading(Consumer<List<DocumentVectors>> store) {
        this.store = store;
    }

    /** Hands results over once those before them are stored. */
    void store(List<DocumentVectors> results) throws InterruptedException {
        await();
        if (!results.isEmpty()) {
            underWay = thread.submit(() -> store.accept(results));
        }
    }

    /** Waits until everything is stored; throws as storing did. */
    void await() throws InterruptedException {
        try {
            underWay.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error error -> throw error;
                case Throwable other -> throw new IllegalStateException("storing results failed", other);
            }
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
