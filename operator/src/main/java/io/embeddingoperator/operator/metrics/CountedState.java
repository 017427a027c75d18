package io.embeddingoperator.operator.metrics;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.status.ConditionType;
import io.embeddingoperator.operator.status.StatusWord;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** The state that a status tells of, or that of a job before its first, which is null. */
    public static CountedState of(@Nullable EmbeddingJobStatus status) {
        if (status == null || status.conditions() == null) {
            return Pending;
        }
        List<Condition> conditions = status.conditions();
        if (isTrue(conditions, ConditionType.Complete)) {
            return Complete;
        }
        if (isTrue(conditions, ConditionType.Failed)) {
            return Failed;
        }
        if (isTrue(conditions, ConditionType.Stalled)) {
            return Stalled;
        }
        // Kueue suspends what it holds back, and a Job has started for Kubernetes while its pods cannot.
        if (StatusWord.of(status).filter(StatusWord::waitsForPods).isPresent()) {
            return Pending;
        }
        if (isTrue(conditions, ConditionType.Suspended)) {
            return Suspended;
        }
        return status.startTime() == null ? Pending : Running;
    }

    private static boolean isTrue(List<Condition> conditions, ConditionType type) {
        return conditions.stream()
                .anyMatch(condition -> type.name().equals(condition.getType()) && "True".equals(condition.getStatus()));
    }
}
