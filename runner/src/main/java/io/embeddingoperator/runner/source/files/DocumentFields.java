package io.embeddingoperator.runner.source.files;

import java.util.List;
import java.util.Objects;

/**
 * The fields of a record that make a document.
 *
 * @param manifestPath where the manifest names them, for example {@code spec.source.volume}
 * @param key the field that identifies a document
 * @param text joined by a newline in this order
 * @param metadata copied beside the vectors
 */
record DocumentFields(String manifestPath, String key, List<String> text, List<String> metadata) {
    DocumentFields {
        Objects.requireNonNull(manifestPath, "manifestPath");
        Objects.requireNonNull(key, "key");
        text = List.copyOf(text);
        metadata = List.copyOf(metadata);
    }
}
