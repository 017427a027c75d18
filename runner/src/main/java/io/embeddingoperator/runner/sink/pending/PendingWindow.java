package io.embeddingoperator.runner.sink.pending;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;
import java.util.Objects;

/**
 * A window whose documents are written down to be embedded later.
 *
 * @param pending documents that must be embedded, those included that wait already
 * @param unchanged documents that stand in the sink with the same hash: their metadata alone may be new
 * @param failed documents that the source or the tokenizer refused
 */
public record PendingWindow(
        SourceWindow source, List<PackedDocument> pending, List<Document> unchanged, List<FailedDocument> failed) {
    public PendingWindow {
        Objects.requireNonNull(source, "source");
        pending = List.copyOf(pending);
        unchanged = List.copyOf(unchanged);
        failed = List.copyOf(failed);
    }
}
