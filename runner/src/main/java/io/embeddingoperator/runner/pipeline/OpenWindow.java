package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.document.FailedDocument;
import java.util.ArrayList;
import java.util.List;

/** A window that waits for the vectors of its documents, so that it can be committed. */
record OpenWindow(PreparedWindow prepared, OpenDocuments documents) {
    static OpenWindow of(PreparedWindow prepared) {
        return new OpenWindow(
                prepared,
                new OpenDocuments(prepared.pending(), prepared.chunks().size()));
    }

    /**
     * What became of the window.
     *
     * @param whole whether it holds every document; if not, only those that have all of their vectors
     */
    record Outcome(EmbeddedWindow window, boolean whole) {}

    /** Waits for the last vector that will come. */
    Outcome await() throws InterruptedException {
        OpenDocuments.Outcome outcome = documents.await();
        List<FailedDocument> failed = new ArrayList<>(prepared.failed());
        failed.addAll(outcome.failed());
        return new Outcome(
                new EmbeddedWindow(prepared.source(), outcome.embedded(), prepared.unchanged(), failed),
                outcome.whole());
    }
}
