package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchContents;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Imports the results of a batch as they come, so that no step waits for another: while one transaction stores results, the
 * documents of the next ones are looked up and those after them are read. For one thread; closing waits for what is under way.
 */
public final class ImportPipeline implements AutoCloseable {
    /** Bytes of vectors and texts that are stored in one transaction. Twice as many are in memory, of each shard. */
    private static final int TRANSACTION_BYTES = 8 * 1024 * 1024;

    private final PendingDocuments pending;
    private final String batch;
    private final BatchContents contents;
    private final Consumer<ImportOutcome> listener;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("import-", 0).factory());
    private Map<Integer, float[][]> next = new HashMap<>();
    private long bytes;
    private Future<?> storing = CompletableFuture.completedFuture(null);

    /**
     * @param contents what waited in the batch when its import began
     * @param listener hears of each transaction that was committed
     */
    public ImportPipeline(
            PendingDocuments pending, String batch, BatchContents contents, Consumer<ImportOutcome> listener) {
        this.pending = Objects.requireNonNull(pending, "pending");
        this.batch = Objects.requireNonNull(batch, "batch");
        this.contents = Objects.requireNonNull(contents, "contents");
        this.listener = Objects.requireNonNull(listener, "listener");
    }

    /**
     * Takes the result of a document of the batch; waits while enough are under way. Throws as storing those before did.
     *
     * @param ordinal of the document within its batch
     * @param vectors one a chunk, in the chunks' order
     */
    public void add(int ordinal, float[][] vectors) throws InterruptedException {
        next.putIfAbsent(ordinal, vectors);
        bytes += contents.textBytes()[ordinal];
        for (float[] vector : vectors) {
            bytes += (long) vector.length * Float.BYTES;
        }
        if (bytes >= TRANSACTION_BYTES) {
            store();
        }
    }

    /** Stores what is left and waits until all is stored. Throws as storing did. */
    public void finish() throws InterruptedException {
        if (!next.isEmpty()) {
            store();
        }
        await(storing);
    }

    private void store() throws InterruptedException {
        Map<Integer, float[][]> vectors = next;
        next = HashMap.newHashMap(vectors.size());
        bytes = 0;
        Future<List<PendingRows.Row>> rows = threads.submit(() -> pending.find(batch, vectors.keySet()));
        await(storing);
        storing = threads.submit(() -> {
            listener.accept(pending.importVectors(batch, vectors, await(rows)));
            return null;
        });
    }

    private static <T> T await(Future<T> work) throws InterruptedException {
        try {
            return work.get();
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause())) {
                case RuntimeException failure -> throw failure;
                case Error error -> throw error;
                case Throwable other -> throw new IllegalStateException("importing results failed", other);
            }
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
