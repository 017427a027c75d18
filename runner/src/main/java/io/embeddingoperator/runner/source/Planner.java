package io.embeddingoperator.runner.source;

import java.util.Optional;

/** Divides a source for a run. */
@FunctionalInterface
public interface Planner {
    /** @param since the watermark of the last complete run; empty where everything is to be read */
    SourcePlan plan(Optional<Watermark> since);
}
