package io.embeddingoperator.operator.decide;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.decide.NextAction.CreateRun;
import io.embeddingoperator.operator.decide.NextAction.DeleteSuspended;
import io.embeddingoperator.operator.decide.NextAction.Expire;
import io.embeddingoperator.operator.decide.NextAction.Guard;
import io.embeddingoperator.operator.decide.NextAction.LetGo;
import io.embeddingoperator.operator.decide.NextAction.Nothing;
import io.embeddingoperator.operator.decide.NextAction.PauseAtBudget;
import io.embeddingoperator.operator.decide.NextAction.Resume;
import io.embeddingoperator.operator.decide.NextAction.Scale;
import io.embeddingoperator.operator.decide.NextAction.StartAgain;
import io.embeddingoperator.operator.decide.NextAction.StopOlderRun;
import io.embeddingoperator.operator.decide.NextAction.Suspend;
import io.embeddingoperator.operator.decide.NextAction.Wait;
import io.embeddingoperator.operator.desired.BatchGuard;
import io.embeddingoperator.operator.desired.BudgetPause;
import io.embeddingoperator.operator.desired.Kueue;
import io.embeddingoperator.operator.desired.OwnSuspension;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What to do next, from what should be and what is. Pure: the same arguments give the same answer. */
public final class Decision {
    /** A Job says one of these when it has ended and all of its pods are gone or over. */
    private static final Set<String> ENDS = Set.of("Complete", "Failed");

    private Decision() {}

    /**
     * The next action.
     *
     * @param current the Job by the name of the manifest's run, whoever made it, also while it is being deleted
     * @param olderRuns the Jobs of this manifest's other runs, finished ones too
     * @param outOfMoney whether runners say that the budget is used up, and none of them works any more
     * @param startsAgain whether the Job of the run is complete, no runner has read in the sink that the run is, and it is time
     */
    public static NextAction of(
            EmbeddingJob manifest,
            Optional<Job> current,
            List<Job> olderRuns,
            boolean outOfMoney,
            boolean startsAgain) {
        if (manifest.getMetadata().getDeletionTimestamp() != null) {
            return new Nothing();
        }
        Optional<NextAction> guard = guard(manifest, current.isPresent());
        if (guard.isPresent()) {
            return guard.get();
        }
        // Before anything else: two runs at once would pay twice.
        Optional<Job> working =
                olderRuns.stream().filter(older -> !hasEnded(older)).findFirst();
        if (working.isPresent()) {
            return isBeingDeleted(working.get())
                    ? new Wait("the Job %s of an earlier run is stopping".formatted(name(working.get())))
                    : new StopOlderRun(working.get());
        }
        NextAction action = current.map(job -> withJob(manifest, job, outOfMoney, startsAgain))
                .orElseGet(() -> withoutJob(manifest));
        return action instanceof Nothing ? expiry(manifest.getSpec(), olderRuns) : action;
    }

    /** Before the first pod, which may make a batch; and gone when all batches are done, so that it holds up nothing. */
    private static Optional<NextAction> guard(EmbeddingJob manifest, boolean hasStarted) {
        if (BatchGuard.isSet(manifest) && !mayHaveBatches(manifest)) {
            return Optional.of(LetGo.quietly());
        }
        boolean works = !isRecordedAsEnded(manifest)
                && (hasStarted || !manifest.getSpec().suspend());
        return works && BatchGuard.isNeeded(manifest.getSpec()) && !BatchGuard.covers(manifest)
                ? Optional.of(new Guard())
                : Optional.empty();
    }

    /** Of a manifest that is guarded. A run that is complete has imported all batches in its sink, also those of earlier runs. */
    static boolean mayHaveBatches(EmbeddingJob manifest) {
        return !isRecordedAs(manifest, "Complete") || BatchGuard.hasOthers(manifest);
    }

    private static NextAction withoutJob(EmbeddingJob manifest) {
        // A finished run stays finished when its Job is cleaned up, and what is suspended does not start.
        return isRecordedAsEnded(manifest) || manifest.getSpec().suspend() ? new Nothing() : new CreateRun();
    }

    private static NextAction withJob(EmbeddingJob manifest, Job job, boolean outOfMoney, boolean startsAgain) {
        EmbeddingJobSpec spec = manifest.getSpec();
        if (!isOwned(manifest, job)) {
            return new Wait(("a Job named %s exists that is not of this EmbeddingJob: if it is not being cleaned up,"
                            + " delete it, or change runNonce to use another name")
                    .formatted(name(job)));
        }
        if (isBeingDeleted(job)) {
            return new Wait("the Job %s is being deleted".formatted(name(job)));
        }
        if (hasEnded(job)) {
            if (isRecordedAsEnded(manifest)) {
                return expiry(spec, List.of(job));
            }
            return startsAgain && !spec.suspend() ? new StartAgain(job) : new Nothing();
        }
        // The Job's own label: who manages it was settled when it was created.
        if (Kueue.manages(job.getMetadata())) {
            return spec.suspend() ? new DeleteSuspended(job) : new Nothing();
        }
        boolean suspended = Boolean.TRUE.equals(job.getSpec().getSuspend());
        boolean mayRun = !spec.suspend() && !BudgetPause.stands(spec, job);
        if (!mayRun && !suspended) {
            return new Suspend();
        }
        if (outOfMoney && !suspended) {
            return new PauseAtBudget(spec.budget().maxCostUsd());
        }
        // Before a resume: the first pods are then as many as were asked for.
        if (!spec.sharding().parallelism().equals(job.getSpec().getParallelism())) {
            return new Scale(spec.sharding().parallelism());
        }
        // Also where somebody else was faster: what he suspends later is not to be taken for ours.
        return mayRun && OwnSuspension.isNoted(job) ? new Resume() : new Nothing();
    }

    private static NextAction expiry(EmbeddingJobSpec spec, List<Job> ended) {
        return ended.stream()
                .filter(job -> !isBeingDeleted(job))
                .filter(job -> !Objects.equals(job.getSpec().getTtlSecondsAfterFinished(), spec.podRetentionSeconds()))
                .findFirst()
                .<NextAction>map(job -> new Expire(job, spec.podRetentionSeconds()))
                .orElseGet(Nothing::new);
    }

    private static boolean isRecordedAsEnded(EmbeddingJob manifest) {
        return ENDS.stream().anyMatch(end -> isRecordedAs(manifest, end));
    }

    private static boolean isRecordedAs(EmbeddingJob manifest, String end) {
        EmbeddingJobStatus status = manifest.getStatus();
        return status != null
                && manifest.getSpec().runNonce().equals(status.run())
                && status.conditions() != null
                && status.conditions().stream()
                        .anyMatch(condition -> end.equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private static boolean hasEnded(Job job) {
        return ENDS.stream().anyMatch(end -> hasEnded(job, end));
    }

    static boolean hasEnded(Job job, String end) {
        return job.getStatus() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(condition -> end.equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private static boolean isOwned(EmbeddingJob manifest, Job job) {
        return job.getMetadata().getOwnerReferences().stream()
                .map(OwnerReference::getUid)
                .anyMatch(manifest.getMetadata().getUid()::equals);
    }

    static boolean isBeingDeleted(Job job) {
        return job.getMetadata().getDeletionTimestamp() != null;
    }

    static String name(Job job) {
        return job.getMetadata().getName();
    }
}
