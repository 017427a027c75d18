package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.PendingChunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.sink.EmbeddedWindow;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.ArrayList;
import java.util.List;

/** A window whose pending chunks are known and tokenized. */
public record PreparedWindow(
        SourceWindow source,
        List<PendingDocument> pending,
        List<PendingChunk> chunks,
        List<Document> unchanged,
        List<FailedDocument> failed) {
    /** The window, once all of its documents have their vectors or are refused. */
    EmbeddedWindow embedded(OpenDocuments.Outcome outcome) {
        List<FailedDocument> all = new ArrayList<>(failed);
        all.addAll(outcome.failed());
        return new EmbeddedWindow(source, outcome.embedded(), unchanged, all);
    }
}
