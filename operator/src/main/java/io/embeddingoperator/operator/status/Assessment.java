package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.operator.observe.Observation;
import io.embeddingoperator.operator.status.Situation.Completed;
import io.embeddingoperator.operator.status.Situation.Failed;
import io.embeddingoperator.operator.status.Situation.Parked;
import io.embeddingoperator.operator.status.Situation.Progressing;
import io.embeddingoperator.operator.status.Situation.Queued;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides where a job stands. The order of the questions is the order of what matters: how the run ended, whether it is meant to
 * run, whether it may, what is in its way, and only then how it goes.
 *
 * @param before the former status of the same run, or null
 */
record Assessment(
        EmbeddingJob manifest,
        EmbeddingJobStatus before,
        Observation seen,
        JobState job,
        RunPods pods,
        Reports reports,
        RunNumbers numbers) {
    /** Kubernetes makes the pods of a Job within seconds, and a runner has a plan within minutes. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String UNHEARD = "no runner answers the operator, so the numbers stand still: it still plans,"
            + " or a NetworkPolicy keeps the operator from its port";

    Situation situation() {
        if (job.complete().isPresent()) {
            return new Completed(completed());
        }
        if (job.failure().isPresent()) {
            return failed(FailureReport.of(job, pods).orElseThrow());
        }
        return olderRun().or(this::suspended).or(this::missing).or(this::held).orElseGet(this::working);
    }

    private Failed failed(FailureReport report) {
        Optional<Condition> told = Conditions.find(before, ConditionType.Failed).filter(Conditions::holds);
        return !report.explained() && told.isPresent()
                ? new Failed(told.get().getReason(), told.get().getMessage())
                : new Failed(report.reason(), report.cause() + "; " + report.remedy());
    }

    private Optional<Situation> olderRun() {
        boolean active = seen.olderRuns().stream()
                .anyMatch(older -> !JobState.of(manifest, older).isFinished());
        return active && !job.exists()
                ? stopping("an earlier run is being stopped before run %d starts; what it embedded stays"
                        .formatted(manifest.getSpec().runNonce()))
                : Optional.empty();
    }

    private Optional<Situation> suspended() {
        if (!manifest.getSpec().suspend()) {
            return Optional.empty();
        }
        if (pods.live() > 0) {
            return stopping("spec.suspend is true: %s may still write a checkpoint"
                    .formatted(Sentence.count(pods.live(), "runner pod")));
        }
        if (job.exists() && !job.isSuspended()) {
            return stopping("spec.suspend is true: the Job is being suspended");
        }
        return Optional.of(
                new Parked("spec.suspend is true: set it to false, and the run goes on from its checkpoint"));
    }

    private Optional<Situation> missing() {
        int run = manifest.getSpec().runNonce();
        if (job.isBeingDeleted()) {
            return Optional.of(new Progressing(
                    StatusWord.Pending,
                    "the Job of run %d was deleted: once it is gone it is created again, and goes on from its checkpoint"
                            .formatted(run)));
        }
        return job.exists()
                ? Optional.empty()
                : Optional.of(
                        new Progressing(StatusWord.Pending, "the Job of run %d is about to be created".formatted(run)));
    }

    /** The Job is suspended, and the manifest did not ask for it. */
    private Optional<Situation> held() {
        if (!job.isSuspended()) {
            return Optional.empty();
        }
        if (job.queue().isEmpty()) {
            return Optional.of(new Progressing(StatusWord.Pending, "the Job is about to be resumed"));
        }
        if (pods.live() > 0) {
            return stopping("Kueue took the quota back: %s may still write a checkpoint"
                    .formatted(Sentence.count(pods.live(), "runner pod")));
        }
        return Optional.of(new Queued("queue %s of Kueue starts the run when it has quota: kubectl get workloads -n %s"
                .formatted(job.queue().get(), manifest.getMetadata().getNamespace())));
    }

    private Situation working() {
        Optional<FailureReport> failure = FailureReport.of(job, pods);
        if (failure.isPresent()) {
            return new Progressing(
                    StatusWord.Failing, "%s; %s".formatted(failure.get().cause(), end()));
        }
        if (job.closing()) {
            return new Progressing(StatusWord.Running, "every shard is done, and Kubernetes is closing the Job");
        }
        TroubleSummary troubles =
                TroubleSummary.of(pods.troubles(shard -> !job.succeeded().contains(shard)));
        boolean atWork = pods.running() > 0;
        StatusWord word = troubles.anyFailed() || !atWork && !troubles.isEmpty() ? troubles.word() : flow();
        return new Progressing(word, troubles.isEmpty() ? flow(word) : troubles.sentence() + "; " + flow(word));
    }

    private String end() {
        boolean othersGoOn = job.comingFailure().isEmpty() && job.failed().count() > 0;
        return othersGoOn
                ? "%s, then the run ends as failed".formatted(shards())
                : "the run ends as failed once its pods have stopped";
    }

    /** Between two pods of a run that goes well nothing has changed for a person. */
    private StatusWord flow() {
        if (reports.indexing()) {
            return StatusWord.Indexing;
        }
        boolean wasRunning = Conditions.find(before, ConditionType.Ready)
                .map(Condition::getReason)
                .filter(reason -> reason.equals(StatusWord.Running.name())
                        || reason.equals(StatusWord.Indexing.name())
                        || reason.equals(StatusWord.Retrying.name()))
                .isPresent();
        return pods.running() > 0 || pods.anySucceeded() || wasRunning ? StatusWord.Running : StatusWord.Pending;
    }

    private String flow(StatusWord word) {
        if (word == StatusWord.Indexing) {
            return "every document is through, and the index of %s is being built".formatted(table());
        }
        if (pods.running() > 0) {
            return shards() + (unheard() ? "; " + UNHEARD : "");
        }
        if (pods.starting() > 0) {
            return job.succeeded().count() == 0
                    ? pods.starting() == 1
                            ? "1 pod is starting"
                            : Sentence.count(pods.starting(), "pod") + " are starting"
                    : shards() + ", and the next one starts";
        }
        return podless() ? noPods() : job.succeeded().count() == 0 ? "the pods are being created" : shards();
    }

    /** Runners have worked for a while, and none said how far it is. */
    private boolean unheard() {
        return reports.live().isEmpty()
                && pods.newest().values().stream()
                        .filter(RunnerPod::isRunning)
                        .allMatch(pod -> pod.hasRunFor(PATIENCE, seen.at()));
    }

    /** The Job has stood without any pod for a while. */
    private boolean podless() {
        return pods.all().isEmpty() && RunnerPod.isOlder(job.waitingSince(), PATIENCE, seen.at());
    }

    private String noPods() {
        return ("Kubernetes makes no pods for the Job: most often a quota, an admission webhook or a missing service account"
                        + " is in the way; kubectl describe job %s -n %s tells which")
                .formatted(job.name(), manifest.getMetadata().getNamespace());
    }

    private String shards() {
        return "%d of %s at work, %d done"
                .formatted(
                        pods.running(),
                        Sentence.count(job.shards(), "shard"),
                        job.succeeded().count());
    }

    private String completed() {
        boolean known = reports.allComplete(job.shards());
        Optional<Condition> told =
                Conditions.find(before, ConditionType.Complete).filter(Conditions::holds);
        if (!known && told.isPresent() && numbers.documents().equals(before.documents())) {
            return told.get().getMessage();
        }
        DocumentCounts documents = numbers.documents();
        return "%s%s embedded%s, %s failed%s; %s written to %s"
                .formatted(
                        known ? "" : "at least ",
                        Sentence.count(documents.embedded(), "document"),
                        documents.skipped() == 0 ? "" : ", " + Sentence.number(documents.skipped()) + " unchanged",
                        Sentence.number(documents.failed()),
                        documents.failed() == 0 ? "" : tolerated(),
                        Sentence.count(numbers.chunks(), "chunk"),
                        table());
    }

    private String tolerated() {
        return " (spec.failurePolicy.maxFailedDocuments allows %s; the reasons are in embedding_operator.failed_documents)"
                .formatted(Sentence.number(manifest.getSpec().failurePolicy().maxFailedDocuments()));
    }

    private String table() {
        return manifest.getSpec().sink().pgvector().table();
    }

    private static Optional<Situation> stopping(String sentence) {
        return Optional.of(new Progressing(StatusWord.Stopping, sentence));
    }
}
