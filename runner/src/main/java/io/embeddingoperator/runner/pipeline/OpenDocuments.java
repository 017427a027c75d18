package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.WaitingChunk;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.RunnerException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/**
 * Documents that collect their vectors, from several threads and in any order, until all of them have theirs. Each is embedded or
 * refused then, unless the embedder cannot go on or was told to stop.
 */
public final class OpenDocuments {
    /** In the place of a vector that will never come. */
    private static final float[] NONE = {};

    private final List<WaitingDocument> documents;
    private final List<AtomicReferenceArray<float[]>> vectors;
    private final AtomicReferenceArray<String> refusals;
    private final CountDownLatch missing;
    private final AtomicReference<RunnerException> ending = new AtomicReference<>();
    private volatile boolean abandoned;

    OpenDocuments(List<WaitingDocument> documents) {
        this.documents = documents;
        this.vectors = documents.stream()
                .map(document ->
                        new AtomicReferenceArray<float[]>(document.chunks().size()))
                .toList();
        this.refusals = new AtomicReferenceArray<>(documents.size());
        this.missing = new CountDownLatch(documents.stream()
                .mapToInt(document -> document.chunks().size())
                .sum());
    }

    void put(WaitingChunk chunk, float[] vector) {
        settle(chunk, vector);
    }

    /** One chunk that cannot be embedded fails its whole document: a document is never stored in part. */
    void refuse(WaitingChunk chunk, String reason) {
        refusals.compareAndSet(chunk.document(), null, reason);
        settle(chunk, NONE);
    }

    /** Vectors that these chunks do not have yet will not come. Those of other chunks may, and may be paid for: they are awaited. */
    void abandon(List<WaitingChunk> chunks) {
        abandoned = true;
        chunks.forEach(chunk -> settle(chunk, NONE));
    }

    /** The same, because the embedder cannot go on. */
    void abandon(List<WaitingChunk> chunks, RunnerException reason) {
        ending.compareAndSet(null, reason);
        abandon(chunks);
    }

    private void settle(WaitingChunk chunk, float[] vector) {
        if (vectors.get(chunk.document()).compareAndSet(chunk.index(), null, vector)) {
            missing.countDown();
        }
    }

    /** Waits for the last vector that will come: what became of the documents is known then, and not before. */
    void await() throws InterruptedException {
        missing.await();
    }

    /** Whether each document is embedded or refused; those that are not lack vectors. */
    boolean areSettled() {
        return !abandoned;
    }

    /** Why the embedder cannot go on; empty while it can, and where it was told to stop. */
    public Optional<RunnerException> ending() {
        return Optional.ofNullable(ending.get());
    }

    /** Those that have all of their vectors. */
    public List<EmbeddedDocument> embedded() {
        return IntStream.range(0, documents.size())
                .filter(document -> refusals.get(document) == null && (!abandoned || hasAll(document)))
                .mapToObj(document -> documents.get(document).embedded(vectorsOf(document)))
                .toList();
    }

    public List<FailedDocument> refused() {
        return IntStream.range(0, documents.size())
                .filter(document -> refusals.get(document) != null)
                .mapToObj(document -> FailedDocument.of(documents.get(document).document(), refusals.get(document)))
                .toList();
    }

    private boolean hasAll(int document) {
        AtomicReferenceArray<float[]> all = vectors.get(document);
        for (int i = 0; i < all.length(); i++) {
            if (all.get(i) == NONE) {
                return false;
            }
        }
        return true;
    }

    private float[][] vectorsOf(int document) {
        AtomicReferenceArray<float[]> all = vectors.get(document);
        return IntStream.range(0, all.length()).mapToObj(all::get).toArray(float[][]::new);
    }
}
