package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.PendingChunk;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.FailedDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Documents that collect their vectors, from several threads and in any order, until all of them have theirs. */
final class OpenDocuments {
    /** In the place of a vector that will never come. */
    private static final float[] NONE = {};

    private final List<PendingDocument> documents;
    private final List<AtomicReferenceArray<float[]>> vectors;
    private final AtomicReferenceArray<String> refusals;
    private final CountDownLatch missing;
    private volatile boolean abandoned;

    /** @param chunks of all documents together */
    OpenDocuments(List<PendingDocument> documents, int chunks) {
        this.documents = documents;
        this.vectors = documents.stream()
                .map(document ->
                        new AtomicReferenceArray<float[]>(document.chunks().size()))
                .toList();
        this.refusals = new AtomicReferenceArray<>(documents.size());
        this.missing = new CountDownLatch(chunks);
    }

    /**
     * What became of the documents.
     *
     * @param whole whether each is in one of the lists; those that are not lack vectors
     */
    record Outcome(List<EmbeddedDocument> embedded, List<FailedDocument> failed, boolean whole) {}

    void embedded(PendingChunk pending, float[] vector) {
        settle(pending, vector);
    }

    /** One chunk that cannot be embedded fails its whole document: a document is never stored in part. */
    void refused(PendingChunk pending, String reason) {
        refusals.compareAndSet(pending.document(), null, reason);
        settle(pending, NONE);
    }

    /** Vectors that these chunks do not have yet will not come. Those of other chunks may, and may be paid for: they are awaited. */
    void abandon(List<PendingChunk> chunks) {
        abandoned = true;
        chunks.forEach(chunk -> settle(chunk, NONE));
    }

    private void settle(PendingChunk pending, float[] vector) {
        if (vectors.get(pending.document()).compareAndSet(pending.chunk().index(), null, vector)) {
            missing.countDown();
        }
    }

    /** Waits for the last vector that will come. */
    Outcome await() throws InterruptedException {
        missing.await();
        List<EmbeddedDocument> embedded = new ArrayList<>(documents.size());
        List<FailedDocument> failed = new ArrayList<>();
        for (int i = 0; i < documents.size(); i++) {
            PendingDocument pending = documents.get(i);
            String refusal = refusals.get(i);
            if (refusal != null) {
                failed.add(FailedDocument.of(pending.document(), refusal));
            } else if (!abandoned || hasAll(i)) {
                embedded.add(new EmbeddedDocument(pending.document(), pending.hash(), chunks(pending, i)));
            }
        }
        return new Outcome(embedded, failed, !abandoned);
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

    private List<EmbeddedChunk> chunks(PendingDocument pending, int document) {
        List<EmbeddedChunk> chunks = new ArrayList<>(pending.chunks().size());
        for (Chunk chunk : pending.chunks()) {
            chunks.add(new EmbeddedChunk(chunk, vectors.get(document).get(chunk.index())));
        }
        return chunks;
    }
}
