package io.embeddingoperator.operator.decide;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.decide.NextAction.AddFinalizer;
import io.embeddingoperator.operator.decide.NextAction.CreateRun;
import io.embeddingoperator.operator.decide.NextAction.DeleteSuspended;
import io.embeddingoperator.operator.decide.NextAction.Expire;
import io.embeddingoperator.operator.decide.NextAction.Nothing;
import io.embeddingoperator.operator.decide.NextAction.PauseAtBudget;
import io.embeddingoperator.operator.decide.NextAction.RemoveFinalizer;
import io.embeddingoperator.operator.decide.NextAction.RestartRun;
import io.embeddingoperator.operator.decide.NextAction.Resume;
import io.embeddingoperator.operator.decide.NextAction.Scale;
import io.embeddingoperator.operator.decide.NextAction.StopOlderRun;
import io.embeddingoperator.operator.decide.NextAction.Suspend;
import io.embeddingoperator.operator.decide.NextAction.Wait;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.embeddingoperator.operator.desired.BudgetPause;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.desired.Kueue;
import io.embeddingoperator.operator.desired.OwnSuspension;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Comparator;
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
     * @param current the Job with the name of the manifest's run, also one that the operator did not create, and one that is being
     *     deleted
     * @param olderRuns the Jobs of this manifest's other runs, finished ones too
     * @param outOfMoney whether runners say that the budget is used up, and none of them works any more
     * @param restartIsDue whether the Job of the run is complete, no runner has read in the sink that the run is, and the pause before
     *     the Job starts again is over
     */
    public static NextAction of(
            EmbeddingJob manifest,
            Optional<Job> current,
            List<Job> olderRuns,
            boolean outOfMoney,
            boolean restartIsDue) {
        if (manifest.getMetadata().getDeletionTimestamp() != null) {
            return new Nothing();
        }
        Optional<NextAction> finalizer = finalizer(manifest, current.isPresent());
        if (finalizer.isPresent()) {
            return finalizer.get();
        }
        // Before anything else: two runs at once would pay twice.
        Optional<Job> working =
                olderRuns.stream().filter(older -> !hasEnded(older)).findFirst();
        if (working.isPresent()) {
            return stop(working.get());
        }
        NextAction action = current.map(job -> withJob(manifest, job, outOfMoney, restartIsDue))
                .orElseGet(() -> withoutJob(manifest));
        if (action instanceof Nothing) {
            return expiry(manifest.getSpec(), olderRuns);
        }
        return action;
    }

    /** Set before the first pod, which may make a batch; removed when all batches are done, so that it delays no deletion. */
    private static Optional<NextAction> finalizer(EmbeddingJob manifest, boolean hasStarted) {
        if (BatchFinalizer.isSet(manifest) && !mayHaveBatches(manifest)) {
            return Optional.of(RemoveFinalizer.silently());
        }
        boolean works = !isRecordedAsEnded(manifest)
                && (hasStarted || !manifest.getSpec().suspend());
        if (works && BatchFinalizer.isNeeded(manifest.getSpec()) && !BatchFinalizer.covers(manifest)) {
            return Optional.of(new AddFinalizer());
        }
        return Optional.empty();
    }

    private static NextAction stop(Job older) {
        if (isBeingDeleted(older)) {
            return new Wait("the Job %s of an earlier run is stopping".formatted(name(older)));
        }
        return new StopOlderRun(older);
    }

    /** Of a manifest with the finalizer. A run that is complete has imported all batches in its sink, also those of earlier runs. */
    static boolean mayHaveBatches(EmbeddingJob manifest) {
        return !isRecordedAs(manifest, "Complete") || BatchFinalizer.hasOthers(manifest);
    }

    private static NextAction withoutJob(EmbeddingJob manifest) {
        // A finished run stays finished when its Job is cleaned up, and a suspended one does not start.
        if (isRecordedAsEnded(manifest) || manifest.getSpec().suspend()) {
            return new Nothing();
        }
        return new CreateRun();
    }

    private static NextAction withJob(EmbeddingJob manifest, Job job, boolean outOfMoney, boolean restartIsDue) {
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
                return expire(job, spec.podRetentionSeconds());
            }
            return restartIsDue && !spec.suspend() ? new RestartRun(job) : new Nothing();
        }
        // The Job's own label: whether Kueue manages it was settled when it was created.
        if (Kueue.manages(job.getMetadata())) {
            return spec.suspend() ? new DeleteSuspended(job) : new Nothing();
        }
        boolean suspended = Boolean.TRUE.equals(job.getSpec().getSuspend());
        boolean mayRun = !spec.suspend() && !BudgetPause.stands(spec, job);
        if (!mayRun && !suspended) {
            return new Suspend();
        }
        if (outOfMoney && !suspended && spec.budget() != null) {
            return new PauseAtBudget(spec.budget().maxCostUsd());
        }
        // Before a resume: the first pods are then as many as were asked for.
        if (!spec.sharding().parallelism().equals(job.getSpec().getParallelism())) {
            return new Scale(spec.sharding().parallelism());
        }
        // Also where another client resumed the Job first: the note would claim that client's next suspension.
        return mayRun && OwnSuspension.isNoted(job) ? new Resume() : new Nothing();
    }

    private static NextAction expiry(EmbeddingJobSpec spec, List<Job> ended) {
        List<Job> latestFirst = ended.stream()
                .sorted(Comparator.comparing(Decision::createdAt).reversed())
                .toList();
        for (int newer = 0; newer < latestFirst.size(); newer++) {
            Job job = latestFirst.get(newer);
            NextAction action = expire(job, isHistory(spec, newer) ? spec.podRetentionSeconds() : 0);
            if (action instanceof Expire) {
                return action;
            }
        }
        return new Nothing();
    }

    private static NextAction expire(Job job, int seconds) {
        return isBeingDeleted(job) || Objects.equals(job.getSpec().getTtlSecondsAfterFinished(), seconds)
                ? new Nothing()
                : new Expire(job, seconds);
    }

    /** @param newer how many finished runs are newer, the latest one not counted */
    private static boolean isHistory(EmbeddingJobSpec spec, int newer) {
        return spec.refresh() == null || newer < spec.refresh().historyLimit();
    }

    private static String createdAt(Job job) {
        return Objects.requireNonNullElse(job.getMetadata().getCreationTimestamp(), "");
    }

    static boolean isRecordedAsEnded(EmbeddingJob manifest) {
        return ENDS.stream().anyMatch(end -> isRecordedAs(manifest, end));
    }

    private static boolean isRecordedAs(EmbeddingJob manifest, String end) {
        EmbeddingJobStatus status = manifest.getStatus();
        return status != null
                && CountedRun.isRecorded(manifest)
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
