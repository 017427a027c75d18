package io.embeddingoperator.operator.decide;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Objects;
import java.util.Optional;

/** The one thing to do next for an EmbeddingJob; what it leads to is observed before the next one is decided. */
public sealed interface NextAction {

    /** A change in the cluster, after which the next action may follow at once. */
    sealed interface Step extends NextAction {}

    /** No change: the operator waits for an event, or everything is as it should be. */
    sealed interface Idle extends NextAction {}

    /** A change of one field of a Job, which another client may change back. */
    sealed interface JobChange extends Step {}

    /** The deletion of a Job in the foreground: Kubernetes removes its pods before it removes the Job. */
    sealed interface JobDeletion extends Step {
        Job job();
    }

    /** A step for the batches of an EmbeddingJob, which are cancelled when it is deleted. */
    sealed interface BatchStep extends Step {}

    /** Create the ConfigMap and the Job of the manifest's run: {@code create}, never an apply over what is there. */
    record CreateRun() implements Step {}

    /**
     * Delete the Job of an earlier run that still works.
     *
     * @param job the Job to delete
     */
    record StopOlderRun(Job job) implements JobDeletion {
        public StopOlderRun {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Delete the Job of the run, whose pods have all ended well without the run being complete: after that the operator creates it
     * again, and its pods go on from the checkpoints.
     *
     * @param job the complete Job
     */
    record RestartRun(Job job) implements JobDeletion {
        public RestartRun {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Delete the Job of a suspended run: under Kueue the operator may not set {@code spec.suspend} of a Job. On resume the operator
     * creates the Job again, and its pods go on from the checkpoints.
     *
     * @param job the Job to delete
     */
    record DeleteSuspended(Job job) implements JobDeletion {
        public DeleteSuspended {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Delete a Job of a deleted EmbeddingJob.
     *
     * @param job the Job to delete
     */
    record StopRun(Job job) implements JobDeletion {
        public StopRun {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Set {@code spec.parallelism} of the Job of the run.
     *
     * @param parallelism pods at the same time
     */
    record Scale(int parallelism) implements JobChange {}

    /** Set {@code spec.suspend} of the Job of the run, and note on it that the operator did so: its pods write a checkpoint and end. */
    record Suspend() implements JobChange {}

    /**
     * Set {@code spec.suspend} of the Job of the run, and note on it why: it stays suspended for as long as the manifest has
     * this budget.
     *
     * @param maxCostUsd the budget that is used up
     */
    record PauseAtBudget(String maxCostUsd) implements JobChange {
        public PauseAtBudget {
            Objects.requireNonNull(maxCostUsd, "maxCostUsd");
        }
    }

    /**
     * Clear {@code spec.suspend} of the Job of the run, which the operator had set: its pods go on from the checkpoint, and
     * read the manifest as it is now.
     */
    record Resume() implements JobChange {}

    /**
     * Set {@code spec.ttlSecondsAfterFinished} of a finished Job, only now that its outcome stands in the status: the operator
     * would run a Job again that was cleaned up before that.
     *
     * @param job the finished Job
     * @param ttlSeconds how long it stays, from its end
     */
    record Expire(Job job, int ttlSeconds) implements JobChange {
        public Expire {
            Objects.requireNonNull(job, "job");
        }
    }

    /** Add the finalizer to the EmbeddingJob: it keeps the EmbeddingJob until its batches are cancelled. */
    record AddFinalizer() implements BatchStep {}

    /** Create the Job that cancels the batches of a deleted EmbeddingJob, suspended until the run's pods have ended. */
    record CreateCancelJob() implements BatchStep {}

    /**
     * Clear {@code spec.suspend} of the Job that cancels the batches.
     *
     * @param job the Job
     */
    record StartCancelJob(Job job) implements BatchStep {
        public StartCancelJob {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Remove the finalizer from the EmbeddingJob, and delete the Job that cancelled its batches.
     *
     * @param warning why batches may be at work all the same; empty when none are
     */
    record RemoveFinalizer(Optional<String> warning) implements BatchStep {
        public RemoveFinalizer {
            Objects.requireNonNull(warning, "warning");
        }

        static RemoveFinalizer silently() {
            return new RemoveFinalizer(Optional.empty());
        }

        static RemoveFinalizer warning(String reason) {
            return new RemoveFinalizer(Optional.of(reason));
        }
    }

    /**
     * Nothing can be done before something outside happens; an event of a Job will tell.
     *
     * @param reason what the operator waits for, a sentence for a person
     */
    record Wait(String reason) implements Idle {
        public Wait {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Everything is as it should be. */
    record Nothing() implements Idle {}
}
