package io.embeddingoperator.runner.sink.run;

import java.util.Objects;
import java.util.Optional;

/**
 * What became of documents that are gone from the source, at the end of a run.
 *
 * @param held why they were to be removed and none was; then the run is over and not complete
 * @param note what a person should know of a run that is complete
 */
public record RunEnding(Optional<String> held, Optional<String> note) {
    public static final RunEnding PLAIN = new RunEnding(Optional.empty(), Optional.empty());

    public RunEnding {
        Objects.requireNonNull(held, "held");
        Objects.requireNonNull(note, "note");
    }
}
