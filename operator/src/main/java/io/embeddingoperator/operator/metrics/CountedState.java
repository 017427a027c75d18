package io.embeddingoperator.operator.metrics;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.status.ConditionType;

/** The few states that EmbeddingJobs are counted by; each job is in one of them. */
public enum CountedState {
    /** No pod of it has started yet. */
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
