package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.sink.EmbeddedWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A window that waits for the vectors of its documents, so that it can be committed. */
record OpenWindow(PreparedWindow prepared, OpenDocuments documents) {
    static OpenWindow of(PreparedWindow prepared) {
        return new OpenWindow(
                prepared,
                new OpenDocuments(prepared.pending(), prepared.chunks().size()));
    }

    /** Waits for the last vector; empty when not all of them will come. */
    Optional<EmbeddedWindow> await() throws InterruptedException {
        OpenDocuments.Outcome outcome = documents.await();
        if (!outcome.whole()) {
            return Optional.empty();
        }
        List<FailedDocument> failed = new ArrayList<>(prepared.failed());
        failed.addAll(outcome.failed());
        return Optional.of(new EmbeddedWindow(prepared.source(), outcome.embedded(), prepared.unchanged(), failed));
    }
}
