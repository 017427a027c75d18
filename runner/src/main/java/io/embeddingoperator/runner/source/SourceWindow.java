package io.embeddingoperator.runner.source;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Consecutive documents of a range: the unit that is committed as a whole.
 *
 * @param documents with keys that are different from one another
 * @param failed what the source could not read as a document
 * @param end everything up to here belongs to this window or one before it
 * @param work done with this window, in the source's unit
 * @param textBytes of all documents together, for the memory budget
 * @param covered the keys that this window is responsible for; empty where the source is not read by key
 * @param files what it has of each file; empty where later runs read all files again
 */
public record SourceWindow(
        List<Document> documents,
        List<FailedDocument> failed,
        Position end,
        long work,
        long textBytes,
        Optional<KeyRange> covered,
        List<FilePart> files) {
    public SourceWindow {
        documents = List.copyOf(documents);
        failed = List.copyOf(failed);
        Objects.requireNonNull(end, "end");
        Objects.requireNonNull(covered, "covered");
        files = List.copyOf(files);
    }

    /** Of a source whose files, if it has any, are read again by each run. */
    public SourceWindow(
            List<Document> documents,
            List<FailedDocument> failed,
            Position end,
            long work,
            long textBytes,
            Optional<KeyRange> covered) {
        this(documents, failed, end, work, textBytes, covered, List.of());
    }
}
