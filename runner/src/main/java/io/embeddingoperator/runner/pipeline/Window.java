package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A window of which it is known what its documents need.
 *
 * @param <D> {@link WaitingDocument} until they have their vectors, {@link EmbeddedDocument} once the window is ready to be committed
 * @param documents whose rows are replaced once they are embedded
 * @param unchanged documents that stand in the sink with the same hash: their metadata alone may be new
 * @param failed documents that the source, the tokenizer or the embedder refused
 */
public record Window<D>(SourceWindow source, List<D> documents, List<Document> unchanged, List<FailedDocument> failed) {
    public Window {
        Objects.requireNonNull(source, "source");
        documents = List.copyOf(documents);
        unchanged = List.copyOf(unchanged);
        failed = List.copyOf(failed);
    }

    /**
     * The same window after a step.
     *
     * @param further its documents, as the step leaves them
     * @param refused documents that failed in it
     */
    public <E> Window<E> with(List<E> further, List<FailedDocument> refused) {
        return new Window<>(
                source,
                further,
                unchanged,
                Stream.concat(failed.stream(), refused.stream()).toList());
    }
}
