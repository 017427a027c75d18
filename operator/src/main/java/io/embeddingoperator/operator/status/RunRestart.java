package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.Observation;

/** Tells when a run starts again whose Job is complete while the sink is not known to hold all of it. */
public final class RunRestart {
    private RunRestart() {}

    /** Whether it is to start again now. That it will do so stands in the status by then, and how often it did. */
    public static boolean isDue(EmbeddingJob manifest, Observation seen) {
        return RunEnd.isAnnounced(StatusDecision.ofSameRun(manifest))
                && RunEnd.of(manifest, seen)
                        .filter(end -> end instanceof RunEnd.Unconfirmed unconfirmed
                                && unconfirmed.gracePeriod().isOver(seen.at()))
                        .isPresent();
    }
}
