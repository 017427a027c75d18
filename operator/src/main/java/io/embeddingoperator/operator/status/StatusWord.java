package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The word for a job's state: the reason of its Ready condition, and the column Status of {@code kubectl get}. */
public enum StatusWord {
    /** The Job or its pods are being created. */
    Pending(Group.Starting),
    /** Kueue holds the Job until there is quota. */
    Queued(Group.Starting),
    /** Shards are being embedded, or the next ones start. */
    Running(Group.Normal),
    /** Every document is through, and the index over the embeddings is being built. */
    Indexing(Group.Normal),
    /** Pods are ending: the job was suspended, Kueue took the quota back, or an earlier run is stopped for a new one. */
    Stopping(Group.Normal),
    /** The job was deleted, and its batches are cancelled before it goes. */
    Deleting(Group.Normal),
    /** No pod runs, because spec.suspend is true, or another client than the operator suspended the Job. */
    Suspended(Group.Normal),
    /** The run ended well. */
    Complete(Group.Normal),
    /** The provider asked for a pause. */
    RateLimited(Group.ProviderPause),
    /** The provider takes no more batches before some of them are done. */
    BatchQueueFull(Group.ProviderPause),
    /** All batches are submitted, and the provider works on them. */
    BatchesPending(Group.ProviderPause),
    /** The provider or the network fails, and the runner tries again. */
    ProviderUnavailable(Group.Problem),
    /** Going on would cost more than spec.budget.maxCostUsd. */
    BudgetExhausted(Group.Problem),
    /** Nothing moves, and the runner says what it waits for. */
    Stalled(Group.Problem),
    /** A shard ended badly and is tried again. */
    Retrying(Group.Problem),
    /** A shard was given up: the run ends as failed once the other shards are through. */
    Failing(Group.Problem),
    /** The Job ended well, but the sink does not hold all of the run, or no runner has said that it does: the Job starts again. */
    Restarting(Group.Problem),
    /** The Job ended well, and its runners are too old to tell whether the sink holds all of the run. */
    Unconfirmed(Group.Problem),
    /** The run ended badly. */
    Failed(Group.Problem),
    /** What the manifest says cannot be done. */
    InvalidSpecification(Group.Problem),
    /** What the manifest's template asks of the pods cannot be done. */
    InvalidTemplate(Group.Problem),
    /** Something outside of the job keeps the operator from going on; it tries again. */
    Blocked(Group.Problem),
    /** Kubernetes makes no pods for the Job. */
    NoPods(Group.PodProblem),
    MissingSecret(Group.PodProblem),
    MissingSecretKey(Group.PodProblem),
    MissingConfigMap(Group.PodProblem),
    MissingVolume(Group.PodProblem),
    ImagePull(Group.PodProblem),
    InvalidImage(Group.PodProblem),
    ContainerRefused(Group.PodProblem),
    Unschedulable(Group.PodProblem),
    /** A pod was bound to a node long ago and its container still does not run. */
    SlowStart(Group.PodProblem),
    /** The node of a pod has stopped answering, and Kubernetes does not know whether the pod has ended. */
    NodeLost(Group.PodProblem);

    /** What events and metrics tell apart. */
    private enum Group {
        /** The job is as it is meant to be. */
        Normal,
        /** No pod works yet, as before every start. */
        Starting,
        /** The provider makes the runner wait: such pauses come and go. */
        ProviderPause,
        /** No pod works, because one lacks what it needs. */
        PodProblem,
        /** Anything else that a person should look at. */
        Problem
    }

    private final Group group;

    StatusWord(Group group) {
        this.group = group;
    }

    /** The word of a status; empty before the first, which is null. */
    public static Optional<StatusWord> of(@Nullable EmbeddingJobStatus status) {
        return Conditions.find(status, ConditionType.Ready)
                .flatMap(ready -> Arrays.stream(values())
                        .filter(word -> word.name().equals(ready.getReason()))
                        .findFirst());
    }

    /** Whether the word comes and goes so often that an event each time would be too many. */
    boolean isTransient() {
        return group == Group.ProviderPause;
    }

    /** Whether the manifest has to be edited before anything else is done. */
    boolean isRefusal() {
        return this == InvalidSpecification || this == InvalidTemplate;
    }

    /** Whether no pod works, and the run goes on as soon as one does: it waits for what a pod needs, or for its turn. */
    public boolean waitsForPods() {
        return group == Group.Starting || group == Group.PodProblem;
    }

    /** Whether a person should look, even where Kubernetes goes on trying. */
    public boolean isTrouble() {
        return group == Group.PodProblem || group == Group.Problem;
    }
}
