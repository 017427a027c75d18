package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.Kueue;
import io.embeddingoperator.operator.desired.RunnerPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.util.Objects;
import java.util.Optional;

/** What the Job of a run says about itself. */
record JobState(Job job, int shards, ShardIndexes succeeded, ShardIndexes failed) {
    /** @param job null when there is none */
    static JobState of(EmbeddingJob manifest, Job job) {
        int shards = job != null && job.getSpec() != null && job.getSpec().getCompletions() != null
                ? job.getSpec().getCompletions()
                : manifest.getSpec().sharding().shards();
        JobStatus status = job == null ? null : job.getStatus();
        return new JobState(
                job,
                shards,
                ShardIndexes.parse(status == null ? null : status.getCompletedIndexes(), shards),
                ShardIndexes.parse(status == null ? null : status.getFailedIndexes(), shards));
    }

    boolean exists() {
        return job != null;
    }

    String name() {
        return job.getMetadata().getName();
    }

    Optional<JobCondition> complete() {
        return condition("Complete");
    }

    /** Every shard is through, and Kubernetes has yet to close the Job. */
    boolean closing() {
        return condition("SuccessCriteriaMet").isPresent();
    }

    Optional<JobCondition> failure() {
        return condition("Failed");
    }

    /** The Job will fail once the pods that still run are stopped. */
    Optional<JobCondition> comingFailure() {
        return condition("FailureTarget");
    }

    boolean isFinished() {
        return complete().isPresent() || failure().isPresent();
    }

    boolean isSuspended() {
        return exists()
                && job.getSpec() != null
                && Boolean.TRUE.equals(job.getSpec().getSuspend());
    }

    /** The Kueue queue that decides when the Job runs. */
    Optional<String> queue() {
        return Optional.ofNullable(job)
                .map(present -> present.getMetadata().getLabels())
                .map(labels -> labels.get(Kueue.QUEUE_NAME));
    }

    /** What the runners of the Job are started from. */
    String image() {
        return job.getSpec().getTemplate() == null
                ? "unknown"
                : job.getSpec().getTemplate().getSpec().getContainers().stream()
                        .filter(container -> RunnerPod.CONTAINER.equals(container.getName()))
                        .map(Container::getImage)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse("unknown");
    }

    String startTime() {
        return job == null || job.getStatus() == null ? null : job.getStatus().getStartTime();
    }

    /** Since when the Job could have had pods: a resumed one starts anew. */
    String waitingSince() {
        return startTime() == null ? job.getMetadata().getCreationTimestamp() : startTime();
    }

    boolean isBeingDeleted() {
        return exists() && job.getMetadata().getDeletionTimestamp() != null;
    }

    /** A Job has a completion time only when it ended well. */
    String completionTime() {
        return complete()
                .map(_ -> job.getStatus().getCompletionTime())
                .or(() -> complete().map(JobCondition::getLastTransitionTime))
                .or(() -> failure().map(JobCondition::getLastTransitionTime))
                .orElse(null);
    }

    private Optional<JobCondition> condition(String type) {
        return job == null || job.getStatus() == null
                ? Optional.empty()
                : job.getStatus().getConditions().stream()
                        .filter(condition -> type.equals(condition.getType()) && "True".equals(condition.getStatus()))
                        .findFirst();
    }
}
