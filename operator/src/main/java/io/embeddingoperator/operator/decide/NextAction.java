package io.embeddingoperator.operator.decide;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Objects;
import java.util.Optional;

/** The one thing to do next for an EmbeddingJob; what it leads to is observed before the next one is decided. */
public sealed interface NextAction {

    /** Create the ConfigMap and the Job of the manifest's run: {@code create}, never an apply over what is there. */
    record CreateRun() implements NextAction {}

    /**
     * Delete the Job of an earlier run that still works, in the foreground: its pods are gone when it is.
     *
     * @param job the Job to delete
     */
    record StopOlderRun(Job job) implements NextAction {
        public StopOlderRun {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Delete the Job of the run, whose pods have all ended well without the run being complete: once it is gone it is created again,
     * and its pods go on from the checkpoints.
     *
     * @param job the complete Job
     */
    record StartAgain(Job job) implements NextAction {
        public StartAgain {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Set {@code spec.parallelism} of the Job of the run.
     *
     * @param parallelism pods at the same time
     */
    record Scale(int parallelism) implements NextAction {}

    /** Set {@code spec.suspend} of the Job of the run, and write down that it was the operator: its pods leave with a checkpoint. */
    record Suspend() implements NextAction {}

    /**
     * Set {@code spec.suspend} of the Job of the run, and write down why: it stays suspended for as long as the manifest has
     * this budget.
     *
     * @param maxCostUsd the budget that is used up
     */
    record PauseAtBudget(String maxCostUsd) implements NextAction {
        public PauseAtBudget {
            Objects.requireNonNull(maxCostUsd, "maxCostUsd");
        }
    }

    /**
     * Clear {@code spec.suspend} of the Job of the run, which the operator had set: its pods go on from the checkpoint, and read the manifest as it is
     * now.
     */
    record Resume() implements NextAction {}

    /**
     * Delete the Job of the run in the foreground: under Kueue {@code spec.suspend} of a Job is not ours to set. It is
     * created again on resume and goes on from the checkpoint.
     *
     * @param job the Job to delete
     */
    record DeleteSuspended(Job job) implements NextAction {
        public DeleteSuspended {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Set {@code spec.ttlSecondsAfterFinished} of a finished Job, only now that its outcome stands in the status: a Job
     * that was cleaned up before anybody read it would be run again.
     *
     * @param job the finished Job
     * @param ttlSeconds how long it stays, from its end
     */
    record Expire(Job job, int ttlSeconds) implements NextAction {
        public Expire {
            Objects.requireNonNull(job, "job");
        }
    }

    /** Add the finalizer to the EmbeddingJob: its batches are cancelled before it goes. */
    record Guard() implements NextAction {}

    /** Create the Job that cancels the batches of a deleted EmbeddingJob, suspended until the run's pods have gone. */
    record PrepareCancel() implements NextAction {}

    /**
     * Delete a Job of a deleted EmbeddingJob, in the foreground.
     *
     * @param job the Job to delete
     */
    record StopRun(Job job) implements NextAction {
        public StopRun {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Clear {@code spec.suspend} of the Job that cancels the batches.
     *
     * @param job the Job
     */
    record StartCancel(Job job) implements NextAction {
        public StartCancel {
            Objects.requireNonNull(job, "job");
        }
    }

    /**
     * Remove the finalizer from the EmbeddingJob, and delete the Job that cancelled its batches.
     *
     * @param warning why batches may be at work all the same; empty when none are
     */
    record LetGo(Optional<String> warning) implements NextAction {
        public LetGo {
            Objects.requireNonNull(warning, "warning");
        }

        static LetGo quietly() {
            return new LetGo(Optional.empty());
        }

        static LetGo warning(String reason) {
            return new LetGo(Optional.of(reason));
        }
    }

    /**
     * Nothing can be done before something outside happens; an event of a Job will tell.
     *
     * @param reason what is waited for, a sentence for a person
     */
    record Wait(String reason) implements NextAction {
        public Wait {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Everything is as it should be. */
    record Nothing() implements NextAction {}
}
