package io.embeddingoperator.runner.source;

import java.util.Objects;

/**
 * How far a run has read a source in time, in the source's own notation: what is not behind it has changed since, or may have.
 *
 * @param value kept as it is in the sink's state
 */
public record Watermark(String value) {
    public Watermark {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public String toString() {
        return value;
    }
}
