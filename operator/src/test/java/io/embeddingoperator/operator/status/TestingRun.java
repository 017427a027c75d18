package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.BudgetSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.FailurePolicy;
import io.embeddingoperator.api.v1alpha1.RefreshSpec;
import io.embeddingoperator.api.v1alpha1.ShardingSpec;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.observe.Observation;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A run as it is seen at one moment, and what its status says of it. */
final class TestingRun {
    static final Instant NOW = Instant.parse("2026-11-20T21:00:00Z");

    private static final EmbeddingJob ARTICLES = Serialization.unmarshal("""
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata: {name: articles, namespace: corpus, uid: 1b2c}
            spec:
              source:
                postgres:
                  connection: {secretKeyRef: {name: wiki, key: uri}}
                  table: articles
                  keyColumn: id
                  textColumns: [body]
              embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}
              sink:
                pgvector:
                  connection: {secretKeyRef: {name: vectors, key: uri}}
                  table: public.article_embeddings
            """, EmbeddingJob.class);

    private final List<Pod> pods = new ArrayList<>();
    private final Map<String, Progress> progress = new LinkedHashMap<>();
    private final List<Job> olderRuns = new ArrayList<>();
    private final int shards;
    private Instant at = NOW;
    private long generation = 1;
    private int run = 1;
    private boolean suspend;
    private BudgetSpec budget;
    private RefreshSpec refresh;
    private long maxFailedDocuments;
    private Job job;
    private EmbeddingJobStatus before;
    private Progress terminationReport;

    private TestingRun(int shards) {
        this.shards = shards;
    }

    /** A manifest with so many shards, and nothing else yet. */
    static TestingRun manifest(int shards) {
        return new TestingRun(shards);
    }

    /** A manifest whose Job has been started a minute ago. */
    static TestingRun started(int shards) {
        TestingRun started = new TestingRun(shards);
        started.job = started.startedJob();
        return started;
    }

    TestingRun at(Instant moment) {
        at = moment;
        return this;
    }

    TestingRun run(int number) {
        run = number;
        return this;
    }

    TestingRun generation(long number) {
        generation = number;
        return this;
    }

    TestingRun suspend() {
        suspend = true;
        return this;
    }

    /** Runs start by themselves. */
    TestingRun refresh(String schedule) {
        refresh = new RefreshSpec(schedule, null, null);
        return this;
    }

    TestingRun budget(String usd) {
        budget = new BudgetSpec(usd);
        return this;
    }

    /** The Job was suspended when this budget was used up. */
    TestingRun jobPausedAt(String usd) {
        return jobSuspended()
                .job(builder -> builder.editMetadata()
                        .addToAnnotations("embedding-operator.io/paused-at-budget", usd)
                        .endMetadata());
    }

    TestingRun maxFailedDocuments(long limit) {
        maxFailedDocuments = limit;
        return this;
    }

    TestingRun withoutJob() {
        job = null;
        return this;
    }

    TestingRun job(UnaryOperator<JobBuilder> change) {
        job = change.apply(new JobBuilder(job == null ? startedJob() : job)).build();
        return this;
    }

    TestingRun jobCondition(String type, String reason, String message) {
        return job(builder -> builder.editStatus()
                .addNewCondition()
                .withType(type)
                .withStatus("True")
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(NOW.toString())
                .endCondition()
                .endStatus());
    }

    TestingRun jobSuspended() {
        return job(builder -> builder.editSpec().withSuspend(true).endSpec());
    }

    /** By the operator, because of the manifest. */
    TestingRun jobSuspendedBySpec() {
        return jobSuspended()
                .job(builder -> builder.editMetadata()
                        .addToAnnotations("embedding-operator.io/suspended-by-spec", "true")
                        .endMetadata());
    }

    TestingRun queued(String queue) {
        return job(builder -> builder.editMetadata()
                .addToLabels("kueue.x-k8s.io/queue-name", queue)
                .endMetadata());
    }

    TestingRun completedIndexes(String indexes) {
        return job(builder -> builder.editStatus().withCompletedIndexes(indexes).endStatus());
    }

    TestingRun failedIndexes(String indexes) {
        return job(builder -> builder.editStatus().withFailedIndexes(indexes).endStatus());
    }

    TestingRun jobComplete() {
        return jobCondition("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods")
                .jobCondition("Complete", "CompletionsReached", "Reached expected number of succeeded pods")
                .job(builder ->
                        builder.editStatus().withCompletionTime(NOW.toString()).endStatus())
                .completedIndexes(shards == 1 ? "0" : "0-" + (shards - 1));
    }

    /** The Job is complete, and its last runner read in the sink that the run is. */
    TestingRun complete() {
        return jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()));
    }

    TestingRun jobFailed(String reason, String message) {
        return jobCondition("FailureTarget", reason, message).jobCondition("Failed", reason, message);
    }

    TestingRun pod(TestingPod pod) {
        pods.add(pod.pod());
        return this;
    }

    TestingRun pod(TestingPod pod, TestingProgress answer) {
        progress.put(pod.name(), answer.said());
        return pod(pod);
    }

    /** The last answer of a pod that is no longer there. */
    TestingRun heardOf(String pod, TestingProgress answer) {
        progress.put(pod, answer.said());
        return this;
    }

    /** The most complete final report of a runner whose pod was deleted between two passes. */
    TestingRun terminationReport(TestingProgress report) {
        terminationReport = report.said();
        return this;
    }

    TestingRun olderRun(Job older) {
        olderRuns.add(older);
        return this;
    }

    /** The same manifest with this status, and nothing seen yet. */
    TestingRun before(EmbeddingJobStatus status) {
        before = status;
        return this;
    }

    EmbeddingJob manifest() {
        EmbeddingJobSpec spec = ARTICLES.getSpec();
        EmbeddingJob manifest = new EmbeddingJob();
        manifest.setMetadata(new ObjectMetaBuilder(ARTICLES.getMetadata())
                .withGeneration(generation)
                .build());
        manifest.setSpec(new EmbeddingJobSpec(
                spec.source(),
                spec.chunking(),
                spec.embedder(),
                spec.sink(),
                new ShardingSpec(shards, shards),
                new FailurePolicy(maxFailedDocuments, 6),
                budget,
                suspend,
                run,
                spec.podRetentionSeconds(),
                refresh,
                spec.template()));
        if (before == null && run != 1) {
            manifest.setStatus(StatusDecision.counted(manifest, new CountedRun(run, run), at));
            return manifest;
        }
        manifest.setStatus(before);
        return manifest;
    }

    Observation seen() {
        return new Observation(at, job, pods, progress, terminationReport, olderRuns);
    }

    EmbeddingJobStatus status() {
        return StatusDecision.status(manifest(), seen());
    }

    Condition condition(ConditionType type) {
        return condition(status(), type);
    }

    static Condition condition(EmbeddingJobStatus status, ConditionType type) {
        return Conditions.find(status, type).orElseThrow();
    }

    /** The word and the sentence of the Ready condition, as {@code kubectl get -o wide} shows them. */
    String line() {
        return line(status());
    }

    static String line(EmbeddingJobStatus status) {
        Condition ready = condition(status, ConditionType.Ready);
        return ready.getReason() + ": " + ready.getMessage();
    }

    Job startedJob() {
        return new JobBuilder()
                .withNewMetadata()
                .withName("articles-" + run)
                .withNamespace("corpus")
                .withCreationTimestamp(NOW.minusSeconds(60).toString())
                .endMetadata()
                .withNewSpec()
                .withCompletions(shards)
                .withParallelism(shards)
                .withSuspend(false)
                .endSpec()
                .withNewStatus()
                .withStartTime(NOW.minusSeconds(60).toString())
                .endStatus()
                .build();
    }
}
