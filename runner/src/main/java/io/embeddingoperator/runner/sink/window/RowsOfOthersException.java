package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.Key;
import java.util.Set;

/** Under some keys stand rows that this job did not write; what was written with them is undone, and they are left out. */
final class RowsOfOthersException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Set<Key> keys;

    RowsOfOthersException(Set<Key> keys) {
        super("%d keys have rows of others".formatted(keys.size()));
        this.keys = Set.copyOf(keys);
    }

    Set<Key> keys() {
        return keys;
    }
}
