package io.embeddingoperator.runner.sink.search;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A chunk that is near to a query.
 *
 * @param distance by the index's metric, smaller is nearer: cosine distance, negative inner product or Euclidean
 * @param key of its document, as text
 * @param chunk from 0 within the document
 * @param metadata by the name of its column, as text, in the table's order; what is null is left out
 */
public record SearchHit(double distance, String key, int chunk, String content, Map<String, String> metadata) {
    public SearchHit {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(content, "content");
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }
}
