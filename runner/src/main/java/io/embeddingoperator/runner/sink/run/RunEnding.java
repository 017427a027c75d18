package io.embeddingoperator.runner.sink.run;

import java.util.Objects;
import java.util.Optional;

/**
 * What the end of a run came to, beside its documents.
 *
 * @param held why they were to be removed and none was; then the run is over and not complete
 * @param note what a person should know of a run that is complete
 * @param recall what searches through the index find; empty without an index, or where it could not be measured
 */
public record RunEnding(Optional<String> held, Optional<String> note, Optional<IndexRecall> recall) {
    public static final RunEnding PLAIN = new RunEnding(Optional.empty(), Optional.empty(), Optional.empty());

    public RunEnding {
        Objects.requireNonNull(held, "held");
        Objects.requireNonNull(note, "note");
        Objects.requireNonNull(recall, "recall");
    }
}
