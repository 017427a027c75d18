package io.embeddingoperator.runner.sink;

import java.util.Objects;

/**
 * A chunk that is near to a query.
 *
 * @param distance by the index's metric, smaller is nearer: cosine distance, negative inner product or Euclidean
 * @param key of its document, as text
 * @param chunk from 0 within the document
 */
public record SearchHit(double distance, String key, int chunk, String content) {
    public SearchHit {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(content, "content");
    }
}
