package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.desired.BatchGuard;
import io.embeddingoperator.operator.observe.Observation;

/** Tells from what was seen of a run whether batches of it may be at work at OpenAI. */
public final class LiveBatches {
    private LiveBatches() {}

    /** A pod that lives may have made one a moment ago, and a run that is complete has imported all of them. */
    public static boolean arePossible(EmbeddingJob manifest, Observation seen) {
        EmbeddingJobStatus before = StatusDecision.ofSameRun(manifest);
        if (!BatchGuard.isNeeded(manifest.getSpec()) || Conditions.hold(before, ConditionType.Complete)) {
            return false;
        }
        RunNumbers numbers = RunNumbers.of(Reports.of(manifest, seen), before, 0, false);
        boolean submitted = numbers.batches() != null
                && numbers.batches().submitted() != null
                && numbers.batches().submitted() > 0;
        return submitted || RunPods.of(seen).live() > 0 || !seen.olderRuns().isEmpty();
    }
}
