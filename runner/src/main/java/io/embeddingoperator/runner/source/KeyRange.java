package io.embeddingoperator.runner.source;

import io.embeddingoperator.runner.document.Key;
import java.util.Objects;
import java.util.Optional;

/**
 * Keys above one and up to another, in the order of the source's database.
 *
 * @param after exclusive; empty for no lower bound
 * @param through inclusive; empty for no upper bound
 */
public record KeyRange(Optional<Key> after, Optional<Key> through) {
    public KeyRange {
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(through, "through");
    }
}
