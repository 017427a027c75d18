package io.embeddingoperator.runner.source;

/** Divides a source for a run. */
@FunctionalInterface
public interface Planner {
    /** Divides all that is not known, and that changed since. */
    SourcePlan plan(Known known);
}
