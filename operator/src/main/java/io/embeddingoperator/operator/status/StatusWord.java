package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import java.util.Arrays;
import java.util.Optional;

/** The word for a job's state: the reason of its Ready condition, and the column Status of {@code kubectl get}. */
public enum StatusWord {
    /** The Job or its pods are being created. */
    Pending,
    /** Kueue holds the Job until there is quota. */
    Queued,
    /** Shards are being embedded, or the next ones start. */
    Running,
    /** Every document is through, and the index over the embeddings is being built. */
    Indexing,
    /** Pods leave: the job was suspended, Kueue took the quota back, or an earlier run makes way. */
    Stopping,
    /** The job was deleted, and its batches are cancelled before it goes. */
    Deleting,
    /** No pod runs, because spec.suspend is true, or somebody else suspended the Job. */
    Suspended,
    /** The run ended well. */
    Complete,
    /** The provider asked for a pause. */
    RateLimited,
    /** The provider takes no more batches before some of them are done. */
    BatchQueueFull,
    /** Everything is handed in, and the provider works on batches. */
    BatchesPending,
    /** The provider or the network fails, and it is tried again. */
    ProviderUnavailable,
    /** Going on would cost more than spec.budget.maxCostUsd. */
    BudgetExhausted,
    /** Nothing moves, and the runner says what it waits for. */
    Stalled,
    /** A shard ended badly and is tried again. */
    Retrying,
    /** A shard was given up: the run ends as failed once the other shards are through. */
    Failing,
    /** The Job ended well, but the sink does not hold all of the run, or no runner has said that it does: the Job starts again. */
    Restarting,
    /** The Job ended well, and its runners are too old to tell whether the sink holds all of the run. */
    Unconfirmed,
    /** The run ended badly. */
    Failed,
    /** What the manifest says cannot be done. */
    InvalidSpecification,
    /** What the manifest's template asks of the pods cannot be done. */
    InvalidTemplate,
    /** Something outside of the job keeps the operator from going on; it tries again. */
    Hindered,
    /** Kubernetes makes no pods for the Job. */
    NoPods,
    MissingSecret,
    MissingSecretKey,
    MissingConfigMap,
    MissingVolume,
    ImagePull,
    InvalidImage,
    ContainerRefused,
    Unschedulable,
    /** A pod was bound to a node long ago and its container still does not run. */
    SlowStart,
    /** The node of a pod has stopped answering, and Kubernetes does not know whether the pod has ended. */
    NodeLost;

    /** Whether it comes and goes as a matter of course: each time would be too often to tell. */
    boolean isInterlude() {
        return this == RateLimited || this == BatchQueueFull || this == BatchesPending;
    }

    /** The one that a status tells of: empty before the first. @param status null before the first */
    public static Optional<StatusWord> of(EmbeddingJobStatus status) {
        return Conditions.find(status, ConditionType.Ready)
                .flatMap(ready -> Arrays.stream(values())
                        .filter(word -> word.name().equals(ready.getReason()))
                        .findFirst());
    }

    /** Whether no pod works, and all is well as soon as one does: it waits for what a pod needs, or for its turn. */
    public boolean isWaitForAPod() {
        return switch (this) {
            case Pending,
                    Queued,
                    NoPods,
                    MissingSecret,
                    MissingSecretKey,
                    MissingConfigMap,
                    MissingVolume,
                    ImagePull,
                    InvalidImage,
                    ContainerRefused,
                    Unschedulable,
                    SlowStart,
                    NodeLost -> true;
            case Running,
                    Indexing,
                    Stopping,
                    Deleting,
                    Suspended,
                    Complete,
                    RateLimited,
                    BatchQueueFull,
                    BatchesPending,
                    ProviderUnavailable,
                    BudgetExhausted,
                    Stalled,
                    Retrying,
                    Failing,
                    Restarting,
                    Unconfirmed,
                    Failed,
                    InvalidSpecification,
                    InvalidTemplate,
                    Hindered -> false;
        };
    }

    /** Whether a person should look, even where Kubernetes goes on trying. */
    public boolean isTrouble() {
        return switch (this) {
            case Pending,
                    Queued,
                    Running,
                    Indexing,
                    Stopping,
                    Deleting,
                    Suspended,
                    Complete,
                    RateLimited,
                    BatchQueueFull,
                    BatchesPending -> false;
            case ProviderUnavailable,
                    BudgetExhausted,
                    Stalled,
                    Retrying,
                    Failing,
                    Restarting,
                    Unconfirmed,
                    Failed,
                    InvalidSpecification,
                    InvalidTemplate,
                    Hindered,
                    NoPods,
                    MissingSecret,
                    MissingSecretKey,
                    MissingConfigMap,
                    MissingVolume,
                    ImagePull,
                    InvalidImage,
                    ContainerRefused,
                    Unschedulable,
                    SlowStart,
                    NodeLost -> true;
        };
    }
}
