package io.embeddingoperator.runner.source;

import io.embeddingoperator.runner.document.Key;
import java.util.List;
import java.util.Objects;

/**
 * What a window has of a file.
 *
 * @param file as the run found it
 * @param bytes of it that this window covers
 * @param keys of its documents
 * @param empty how many documents without text it has beside them
 * @param failed how much of it could not be read as a document
 */
public record FilePart(StoredFile file, long bytes, List<Key> keys, int empty, int failed) {
    public FilePart {
        Objects.requireNonNull(file, "file");
        keys = List.copyOf(keys);
        if (bytes < 0 || empty < 0 || failed < 0) {
            throw new IllegalArgumentException("%d bytes, %d empty and %d failed documents of %s: none may be negative"
                    .formatted(bytes, empty, failed, file.path()));
        }
    }
}
