package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.PendingChunk;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.sink.EmbeddedChunk;
import io.embeddingoperator.runner.sink.EmbeddedDocument;
import io.embeddingoperator.runner.sink.EmbeddedWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A window that collects vectors, from several threads and in any order, until it can be committed. */
final class OpenWindow {
    private final PreparedWindow prepared;
    private final List<AtomicReferenceArray<float[]>> vectors;
    private final AtomicReferenceArray<String> refusals;
    private final CountDownLatch missing;
    private volatile boolean abandoned;

    OpenWindow(PreparedWindow prepared) {
        this.prepared = prepared;
        this.vectors = prepared.pending().stream()
                .map(document ->
                        new AtomicReferenceArray<float[]>(document.chunks().size()))
                .toList();
        this.refusals = new AtomicReferenceArray<>(prepared.pending().size());
        this.missing = new CountDownLatch(prepared.chunks().size());
    }

    PreparedWindow prepared() {
        return prepared;
    }

    void embedded(PendingChunk pending, float[] vector) {
        vectors.get(pending.document()).set(pending.chunk().index(), vector);
        missing.countDown();
    }

    /** One chunk that cannot be embedded fails its whole document: a document is never stored in part. */
    void refused(PendingChunk pending, String reason) {
        refusals.compareAndSet(pending.document(), null, reason);
        missing.countDown();
    }

    /** Not all of its vectors will come. */
    void abandon() {
        abandoned = true;
        while (missing.getCount() > 0) {
            missing.countDown();
        }
    }

    /** Waits for the last vector; empty when the window was abandoned. */
    Optional<EmbeddedWindow> await() throws InterruptedException {
        missing.await();
        if (abandoned) {
            return Optional.empty();
        }
        List<EmbeddedDocument> embedded = new ArrayList<>(prepared.pending().size());
        List<FailedDocument> failed = new ArrayList<>(prepared.failed());
        for (int i = 0; i < prepared.pending().size(); i++) {
            PendingDocument pending = prepared.pending().get(i);
            String refusal = refusals.get(i);
            if (refusal != null) {
                failed.add(FailedDocument.of(pending.document(), refusal));
            } else {
                embedded.add(new EmbeddedDocument(pending.document(), pending.hash(), chunks(pending, i)));
            }
        }
        return Optional.of(new EmbeddedWindow(prepared.source(), embedded, prepared.unchanged(), failed));
    }

    private List<EmbeddedChunk> chunks(PendingDocument pending, int document) {
        List<EmbeddedChunk> chunks = new ArrayList<>(pending.chunks().size());
        for (Chunk chunk : pending.chunks()) {
            chunks.add(new EmbeddedChunk(chunk, vectors.get(document).get(chunk.index())));
        }
        return chunks;
    }
}
