package io.embeddingoperator.operator.decide;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.decide.NextAction.CreateCancelJob;
import io.embeddingoperator.operator.decide.NextAction.RemoveFinalizer;
import io.embeddingoperator.operator.decide.NextAction.StartCancelJob;
import io.embeddingoperator.operator.decide.NextAction.StopRun;
import io.embeddingoperator.operator.decide.NextAction.Wait;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What to do next for an EmbeddingJob that was deleted and is held by its finalizer. Its batches are cancelled after its pods
 * have ended, which would make new ones. What the status says of batches does not count: a later run may have failed before
 * it heard of those of the run before, and a pod may have made one a moment ago. The Job that cancels them asks the sink, and
 * is done at once where there are none.
 */
public final class DeletionDecision {
    /** Pods need half of it to write a checkpoint and end. A pod on a lost node must not delay the cancellation, nor can it do harm. */
    private static final Duration PODS_END = Duration.ofMinutes(1);

    private DeletionDecision() {}

    /**
     * The next action.
     *
     * @param runs the Jobs of the manifest's runs that have not ended
     * @param cancel the Job that cancels the batches, once it was made
     * @param limit how long after its deletion the finalizer is removed in any case
     */
    public static NextAction of(
            EmbeddingJob manifest, List<Job> runs, Optional<Job> cancel, Instant now, Duration limit) {
        Instant deleted = Instant.parse(manifest.getMetadata().getDeletionTimestamp());
        Optional<RemoveFinalizer> outOfReach =
                BatchFinalizer.outOfReach(manifest).map(RemoveFinalizer::warning);
        boolean isOver = !now.isBefore(deleted.plus(limit));
        if (cancel.isEmpty()) {
            if (!Decision.mayHaveBatches(manifest) || isOrphaning(manifest)) {
                return RemoveFinalizer.silently();
            }
            if (!BatchFinalizer.hasKey(manifest.getSpec())) {
                return outOfReach.orElseThrow();
            }
            if (isOver) {
                return RemoveFinalizer.warning(
                        "the Job that cancels them could not be made within %d s".formatted(limit.toSeconds()));
            }
            return new CreateCancelJob();
        }
        Job job = cancel.get();
        if (Decision.hasEnded(job, "Complete")) {
            return outOfReach.orElseGet(RemoveFinalizer::silently);
        }
        if (Decision.hasEnded(job, "Failed")) {
            return RemoveFinalizer.warning("the Job %s failed".formatted(Decision.name(job)));
        }
        if (isOver) {
            return RemoveFinalizer.warning(
                    "the Job %s was not done within %d s".formatted(Decision.name(job), limit.toSeconds()));
        }
        if (!Boolean.TRUE.equals(job.getSpec().getSuspend())) {
            return new Wait("the Job %s cancels the batches".formatted(Decision.name(job)));
        }
        Optional<Job> working =
                runs.stream().filter(run -> !Decision.isBeingDeleted(run)).findFirst();
        if (working.isPresent()) {
            return new StopRun(working.get());
        }
        if (runs.isEmpty() || !now.isBefore(deleted.plus(PODS_END))) {
            return new StartCancelJob(job);
        }
        return new Wait("the Job %s is stopping".formatted(Decision.name(runs.getFirst())));
    }

    /** A person who deletes an EmbeddingJob and keeps the objects that it owns wants its Job to go on. */
    private static boolean isOrphaning(EmbeddingJob manifest) {
        return manifest.hasFinalizer("orphan");
    }
}
