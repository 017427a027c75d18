package io.embeddingoperator.operator.metrics;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.status.ConditionType;
import io.embeddingoperator.operator.status.StatusWord;

/** The few states that EmbeddingJobs are counted by; each job is in one of them. */
public enum CountedState {
    /** It waits for its turn, or for what its pods need. */
    Pending,
    Running,
    Suspended,
    /** A person has to do something before it goes on. */
    Stalled,
    Complete,
    Failed;

    /** The state that a status tells of. @param status null before the first */
    public static CountedState of(EmbeddingJobStatus status) {
        if (status == null || status.conditions() == null) {
            return Pending;
        }
        if (isTrue(status, ConditionType.Complete)) {
            return Complete;
        }
        if (isTrue(status, ConditionType.Failed)) {
            return Failed;
        }
        if (isTrue(status, ConditionType.Stalled)) {
            return Stalled;
        }
        // Kueue suspends what it holds back, and a Job has started for Kubernetes while its pods cannot.
        if (StatusWord.of(status).filter(StatusWord::waitsForPods).isPresent()) {
            return Pending;
        }
        if (isTrue(status, ConditionType.Suspended)) {
            return Suspended;
        }
        return status.startTime() == null ? Pending : Running;
    }

    private static boolean isTrue(EmbeddingJobStatus status, ConditionType type) {
        return status.conditions().stream()
                .anyMatch(condition -> type.name().equals(condition.getType()) && "True".equals(condition.getStatus()));
    }
}
