package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.BudgetSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.desired.BudgetPause;
import io.embeddingoperator.operator.desired.CancelJob;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.desired.OwnSuspension;
import io.embeddingoperator.operator.observe.Observation;
import io.embeddingoperator.operator.status.PodTrouble.RunnerWaits;
import io.embeddingoperator.operator.status.Situation.Completed;
import io.embeddingoperator.operator.status.Situation.Failed;
import io.embeddingoperator.operator.status.Situation.Progressing;
import io.embeddingoperator.operator.status.Situation.Queued;
import io.embeddingoperator.operator.status.Situation.Suspended;
import io.embeddingoperator.operator.status.Situation.Unconfirmed;
import io.fabric8.kubernetes.api.model.Condition;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides the situation of a job. The order of the questions is the order of what matters: how the run ended, whether it is meant to
 * run, whether it may, what is in its way, and only then how far it is.
 *
 * @param before the former status of the same run, or null
 * @param runEnd whether the run is complete, once its Job is
 */
record Assessment(
        EmbeddingJob manifest,
        @Nullable EmbeddingJobStatus before,
        Observation seen,
        JobState job,
        RunPods pods,
        Reports reports,
        RunNumbers numbers,
        Optional<RunEnd> runEnd) {
    private static final String UNHEARD =
            "; no runner answers the operator, so the numbers stand still: it still plans,"
                    + " or a NetworkPolicy keeps the operator from its port";

    private static final String MORE_MONEY = "raise or remove the budget, and the run goes on from its checkpoint";

    private static final String LOWERED =
            "the run has cost %s US dollars, more than the %s that spec.budget.maxCostUsd allows now: pods at work keep to"
                    + " the budget that they started with, so they were stopped once a lower one was seen to be reached";

    private static final String NEWER_RUNNER =
            "let runner.image.tag of the chart be of the operator's version, and change spec.runNonce: what is stored is not"
                    + " embedded again";

    private static final String NO_PODS =
            "Kubernetes makes no pods for the Job: most often a quota, an admission webhook or"
                    + " a missing service account is in the way; kubectl describe job %s -n %s tells which";

    private static final String SUSPENDED_BY_OTHERS =
            "a person or a controller such as Kueue suspended the Job %s, and the run goes on from its checkpoint once the"
                    + " Job is resumed; by hand: kubectl patch job %s -n %s -p '{\"spec\":{\"suspend\":false}}'";

    Situation situation() {
        if (runEnd.filter(RunEnd.Confirmed.class::isInstance).isPresent()) {
            return new Completed(CompletionReport.of(manifest, before, reports, numbers, job.shards()));
        }
        if (job.failure().isPresent()) {
            return failed(FailureReport.of(job, pods).orElseThrow());
        }
        return deleted()
                .or(this::olderRun)
                .or(this::suspended)
                .or(this::unconfirmed)
                .or(this::paused)
                .or(this::missing)
                .or(this::held)
                .orElseGet(this::working);
    }

    private Optional<Situation> deleted() {
        if (manifest.getMetadata().getDeletionTimestamp() == null) {
            return Optional.empty();
        }
        return Optional.of(new Progressing(
                StatusWord.Deleting,
                "the job was deleted and goes once its batches are cancelled, which the Job %s does; what is embedded stays"
                        .formatted(CancelJob.name(manifest))));
    }

    private Failed failed(FailureReport report) {
        Optional<Condition> told = Conditions.find(before, ConditionType.Failed).filter(Conditions::holds);
        if (!report.explained() && told.isPresent()) {
            return new Failed(told.get().getReason(), told.get().getMessage());
        }
        return new Failed(report.reason(), Sentence.of(report.cause(), report.remedy()));
    }

    private Optional<Situation> olderRun() {
        return seen.olderRuns().stream()
                .map(older -> JobState.of(manifest, older))
                .filter(older -> !older.isFinished())
                .findFirst()
                .map(older -> new Progressing(
                        StatusWord.Stopping,
                        "another run is being stopped before run %d starts; what it embedded stays%s"
                                .formatted(CountedRun.of(manifest).number(), slowDeletion(older))));
    }

    /** Where to look when the deletion of a Job takes long: its pods are most often not known to the operator any more. */
    private String slowDeletion(JobState deleted) {
        return GracePeriod.forDeletion(deleted)
                .filter(period -> period.isOver(seen.at()))
                .map(_ ->
                        "; its Job %s takes long to go: kubectl get pods -n %s -l batch.kubernetes.io/job-name=%s tells which pod"
                                        .formatted(
                                                deleted.name(),
                                                manifest.getMetadata().getNamespace(),
                                                deleted.name())
                                + " it waits for, and a pod whose node is lost goes once the Node is deleted")
                .orElse("");
    }

    private Optional<Situation> suspended() {
        if (!manifest.getSpec().suspend()) {
            return Optional.empty();
        }
        if (pods.live() > 0) {
            return stopping("spec.suspend is true: " + podsEnding());
        }
        if (job.exists() && !job.isSuspended() && !job.isFinished()) {
            return stopping("spec.suspend is true: the Job is being suspended");
        }
        boolean started = job.startTime() != null || before != null && before.startTime() != null;
        String next = started ? "goes on from its checkpoint" : "starts";
        return Optional.of(new Suspended(
                StatusWord.Suspended, "spec.suspend is true: set it to false, and the run %s".formatted(next)));
    }

    /** Every pod ended well, which is not enough. */
    private Optional<Situation> unconfirmed() {
        return runEnd.map(ended -> switch (ended) {
            case RunEnd.Unconfirmed(String reason, GracePeriod gracePeriod) ->
                new Progressing(StatusWord.Restarting, Sentence.of(reason, whenItStartsAgain(gracePeriod)));
            case RunEnd.Unconfirmable(String reason) -> new Unconfirmed(Sentence.of(reason, NEWER_RUNNER));
            case RunEnd.Confirmed _, RunEnd.Awaited _ ->
                // A run that was at its end does not go back to its middle.
                new Progressing(
                        was(StatusWord.Indexing) ? StatusWord.Indexing : StatusWord.Running,
                        "every shard is done, and what the last pod read in the sink is awaited");
        });
    }

    private static String whenItStartsAgain(GracePeriod gracePeriod) {
        return "the Job starts again from the checkpoints"
                + gracePeriod.end().map(" at %s"::formatted).orElse("");
    }

    private Optional<Situation> paused() {
        if (!job.exists() || !BudgetPause.stands(manifest.getSpec(), job.present())) {
            return Optional.empty();
        }
        if (pods.live() > 0) {
            return stopping("the budget is used up: " + podsEnding());
        }
        if (!job.isSuspended()) {
            return stopping("the budget is used up: the Job is being suspended");
        }
        return Optional.of(new Suspended(StatusWord.BudgetExhausted, outOfMoney()));
    }

    /** In the words of a runner, which tell what to do, also when its pod was deleted meanwhile. */
    private String outOfMoney() {
        Optional<String> told = pods.troubles(_ -> true).values().stream()
                .filter(RunnerWaits.class::isInstance)
                .map(RunnerWaits.class::cast)
                .filter(waits -> waits.word() == StatusWord.BudgetExhausted)
                .map(RunnerWaits::sentence)
                .findFirst();
        Optional<String> toldBefore = Conditions.find(before, ConditionType.Suspended)
                .filter(condition -> StatusWord.BudgetExhausted.name().equals(condition.getReason()))
                .map(Condition::getMessage);
        return told.or(() -> toldBefore)
                .orElseGet(() -> Sentence.of(
                        spent(Objects.requireNonNull(manifest.getSpec().budget(), "budget")), MORE_MONEY));
    }

    private String spent(BudgetSpec budget) {
        String costUsd = numbers.costUsd();
        if (costUsd != null && new BigDecimal(costUsd).compareTo(budget.usd()) > 0) {
            return LOWERED.formatted(costUsd, budget.maxCostUsd());
        }
        return "the run has cost %s of the %s US dollars that spec.budget.maxCostUsd allows"
                .formatted(Objects.requireNonNullElse(costUsd, "nearly all"), budget.maxCostUsd());
    }

    private Optional<Situation> missing() {
        int run = CountedRun.of(manifest).number();
        if (job.isBeingDeleted()) {
            return Optional.of(new Progressing(
                    StatusWord.Pending,
                    "the Job of run %d was deleted: once it is gone it is created again, and goes on from its checkpoint%s"
                            .formatted(run, slowDeletion(job))));
        }
        if (job.exists()) {
            return Optional.empty();
        }
        return Optional.of(
                new Progressing(StatusWord.Pending, "the Job of run %d is about to be created".formatted(run)));
    }

    /** The Job is suspended, and the manifest did not ask for it. */
    private Optional<Situation> held() {
        if (!job.isSuspended()) {
            return Optional.empty();
        }
        if (job.queue().isEmpty()) {
            return Optional.of(withoutQueue());
        }
        if (pods.live() > 0) {
            return stopping("Kueue took the quota back: " + podsEnding());
        }
        return Optional.of(new Queued("queue %s of Kueue starts the run when it has quota: kubectl get workloads -n %s"
                .formatted(job.queue().get(), manifest.getMetadata().getNamespace())));
    }

    private Situation withoutQueue() {
        if (OwnSuspension.isNoted(job.present())) {
            return new Progressing(StatusWord.Pending, "the Job is about to be resumed");
        }
        if (pods.live() > 0) {
            return new Progressing(
                    StatusWord.Stopping,
                    "a person or a controller such as Kueue suspended the Job %s: %s"
                            .formatted(job.name(), podsEnding()));
        }
        return new Suspended(
                StatusWord.Suspended,
                SUSPENDED_BY_OTHERS.formatted(
                        job.name(), job.name(), manifest.getMetadata().getNamespace()));
    }

    private Situation working() {
        Optional<FailureReport> failure = FailureReport.of(job, pods);
        if (failure.isPresent()) {
            return new Progressing(StatusWord.Failing, Sentence.of(failure.get().cause(), end()));
        }
        if (job.closing()) {
            return new Progressing(
                    StatusWord.Running,
                    Sentence.of("every shard is done, and Kubernetes is closing the Job" + heldUp()));
        }
        SortedMap<Integer, PodTrouble> troubled =
                pods.troubles(shard -> !job.succeeded().contains(shard));
        Map<Integer, RunnerWaits> waiting = reports.waiting();
        waiting.forEach((shard, wait) -> troubled.putIfAbsent(shard, wait));
        TroubleSummary troubles = TroubleSummary.of(troubled);
        boolean anyWorks = pods.running() > waiting.size() || troubles.areOnlyAboutPlacement() && awaitsNextPod();
        boolean troublesMatterMost = troubles.anyFailed() || !troubles.isEmpty() && !anyWorks;
        StatusWord word = troublesMatterMost ? troubles.word() : flow();
        return new Progressing(word, Sentence.of(troubles.sentence(), flow(word, troubled.keySet())));
    }

    /** Between two pods that share one GPU, or while a run goes on with fewer pods, nothing has changed for a person. */
    private boolean awaitsNextPod() {
        return GracePeriod.forNextPod(pods)
                .filter(period -> !period.isOver(seen.at()))
                .isPresent();
    }

    private String end() {
        boolean othersGoOn = job.comingFailure().isEmpty() && job.failed().count() > 0;
        if (othersGoOn) {
            return "%s, then the run ends as failed".formatted(shards());
        }
        return "the run ends as failed once its pods have stopped" + heldUp();
    }

    private String podsEnding() {
        return Sentence.count(pods.live(), "runner pod") + " may still write a checkpoint" + heldUp();
    }

    /** Why pods that should end do not; empty as long as none takes longer than it may. */
    private String heldUp() {
        return pods.heldUp().map(trouble -> "; " + trouble.sentence()).orElse("");
    }

    /** Between two pods of a run that goes well nothing has changed for a person. */
    private StatusWord flow() {
        if (reports.indexing()) {
            return StatusWord.Indexing;
        }
        if (pods.running() > 0 || pods.anySucceeded()) {
            return StatusWord.Running;
        }
        if (pods.all().isEmpty()) {
            return lacksPods() ? StatusWord.NoPods : StatusWord.Pending;
        }
        boolean hasRun = was(StatusWord.Running, StatusWord.Indexing, StatusWord.Retrying);
        return hasRun ? StatusWord.Running : StatusWord.Pending;
    }

    /** Kubernetes makes the first pods of a Job within a known time. */
    private boolean lacksPods() {
        return was(StatusWord.Pending, StatusWord.NoPods)
                && GracePeriod.forJob(job).isOver(seen.at());
    }

    /** Whether one of these is the word that stands in the former status of the run. */
    private boolean was(StatusWord... words) {
        return StatusWord.of(before).filter(Set.of(words)::contains).isPresent();
    }

    /** The progress of the shards that have no trouble; empty when there is nothing to tell of them. */
    private String flow(StatusWord word, Set<Integer> troubled) {
        if (word == StatusWord.Indexing) {
            return "every document is through, and the index of %s is being built".formatted(table());
        }
        if (word == StatusWord.NoPods) {
            return NO_PODS.formatted(job.name(), manifest.getMetadata().getNamespace());
        }
        if (pods.running() > 0) {
            return shards() + (unheard() ? UNHEARD : "");
        }
        boolean started = job.succeeded().count() > 0;
        long starting = pods.starting(troubled);
        if (starting > 0) {
            String others = started ? shards() + ", " : "";
            String verb = starting == 1 ? " is starting" : " are starting";
            String cause = pods.anyOnItsNode() ? ": a node pulls images and mounts volumes first" : "";
            return others + Sentence.count(starting, "pod") + verb + cause;
        }
        if (started) {
            return shards();
        }
        return troubled.isEmpty() ? "the pods are being created" : "";
    }

    /** Whether runners have worked for a while, and none of them has answered. */
    private boolean unheard() {
        return reports.live().isEmpty()
                && pods.newest().values().stream()
                        .filter(ShardPod::isRunning)
                        .allMatch(pod -> GracePeriod.forRunner(pod).isOver(seen.at()));
    }

    private String shards() {
        return "%d of %s at work, %d done"
                .formatted(
                        pods.running(),
                        Sentence.count(job.shards(), "shard"),
                        job.succeeded().count());
    }

    private String table() {
        return manifest.getSpec().sink().pgvector().table();
    }

    private static Optional<Situation> stopping(String sentence) {
        return Optional.of(new Progressing(StatusWord.Stopping, sentence));
    }
}
