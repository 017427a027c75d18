package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;
import java.util.Objects;

/**
 * A window, ready to be committed.
 *
 * @param embedded documents whose rows are replaced
 * @param unchanged documents that stand in the sink with the same hash: their metadata alone may be new
 * @param failed documents that the source, the tokenizer or the embedder refused
 */
public record EmbeddedWindow(
        SourceWindow source, List<EmbeddedDocument> embedded, List<Document> unchanged, List<FailedDocument> failed) {
    public EmbeddedWindow {
        Objects.requireNonNull(source, "source");
        embedded = List.copyOf(embedded);
        unchanged = List.copyOf(unchanged);
        failed = List.copyOf(failed);
    }
}
