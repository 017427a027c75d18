package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.Kueue;
import io.embeddingoperator.operator.desired.RunnerPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the Job of a run says about itself. */
record JobState(@Nullable Job job, int shards, ShardIndexes succeeded, ShardIndexes failed) {
    /** @param job null when there is none */
    static JobState of(EmbeddingJob manifest, @Nullable Job job) {
        Optional<Job> present = Optional.ofNullable(job);
        int shards = present.map(Job::getSpec)
                .map(JobSpec::getCompletions)
                .orElseGet(() -> manifest.getSpec().sharding().shards());
        Optional<JobStatus> status = present.map(Job::getStatus);
        return new JobState(
                job,
                shards,
                ShardIndexes.parse(status.map(JobStatus::getCompletedIndexes).orElse(""), shards),
                ShardIndexes.parse(status.map(JobStatus::getFailedIndexes).orElse(""), shards));
    }

    boolean exists() {
        return job != null;
    }

    String name() {
        return present().getMetadata().getName();
    }

    /** Where {@link #exists}. */
    Job present() {
        return Objects.requireNonNull(job, "job");
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
        return job != null
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
        return Optional.ofNullable(present().getSpec().getTemplate()).stream()
                .flatMap(template -> template.getSpec().getContainers().stream())
                .filter(container -> RunnerPod.CONTAINER.equals(container.getName()))
                .map(Container::getImage)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("unknown");
    }

    @Nullable
    String startTime() {
        return status().map(JobStatus::getStartTime).orElse(null);
    }

    /** Since when the Job could have had pods: a resumed one starts anew. */
    String waitingSince() {
        return status().map(JobStatus::getStartTime)
                .orElseGet(() -> present().getMetadata().getCreationTimestamp());
    }

    boolean isBeingDeleted() {
        return job != null && job.getMetadata().getDeletionTimestamp() != null;
    }

    /** A Job has a completion time only when it ended well. */
    @Nullable
    String completionTime() {
        return complete()
                .flatMap(_ -> status())
                .map(JobStatus::getCompletionTime)
                .or(() -> complete().map(JobCondition::getLastTransitionTime))
                .or(() -> failure().map(JobCondition::getLastTransitionTime))
                .orElse(null);
    }

    private Optional<JobCondition> condition(String type) {
        return status().stream()
                .flatMap(status -> status.getConditions().stream())
                .filter(condition -> type.equals(condition.getType()) && "True".equals(condition.getStatus()))
                .findFirst();
    }

    private Optional<JobStatus> status() {
        return Optional.ofNullable(job).map(Job::getStatus);
    }
}
