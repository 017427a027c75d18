package io.embeddingoperator.runner.sink.run;

import java.util.Objects;

/**
 * Parts of files that a run could not read, each with any number of documents.
 *
 * @param parts how many
 * @param first where a person finds the first
 */
public record Damage(long parts, String first) {
    public Damage {
        Objects.requireNonNull(first, "first");
        if (parts < 1) {
            throw new IllegalArgumentException("%d damaged parts: without any there is no damage".formatted(parts));
        }
    }
}
