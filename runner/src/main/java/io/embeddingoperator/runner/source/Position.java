package io.embeddingoperator.runner.source;

import java.util.Objects;

/** A place in a range, in the source's own notation: everything before it is committed, everything after it is not. */
public record Position(String value) {
    public Position {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public String toString() {
        return value;
    }
}
