package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A window of which it is known what must be embedded.
 *
 * @param waiting documents that must be embedded, those included that are written down for a batch already
 * @param unchanged documents that stand in the sink with the same hash: their metadata alone may be new
 * @param failed documents that the source or the tokenizer refused
 */
public record WaitingWindow(
        SourceWindow source, List<WaitingDocument> waiting, List<Document> unchanged, List<FailedDocument> failed) {
    public WaitingWindow {
        Objects.requireNonNull(source, "source");
        waiting = List.copyOf(waiting);
        unchanged = List.copyOf(unchanged);
        failed = List.copyOf(failed);
    }

    /** Chunks of all waiting documents. */
    public long chunks() {
        return waiting.stream().mapToLong(document -> document.chunks().size()).sum();
    }

    /**
     * The window once its documents wait no more.
     *
     * @param refused documents that could not be embedded
     */
    public EmbeddedWindow embedded(List<EmbeddedDocument> embedded, List<FailedDocument> refused) {
        return new EmbeddedWindow(
                source,
                embedded,
                unchanged,
                Stream.concat(failed.stream(), refused.stream()).toList());
    }
}
