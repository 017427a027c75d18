package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.PodHistory;
import io.embeddingoperator.e2e.testing.Program;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.e2e.testing.UndisturbedRun;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user may change while a run goes on, and what not. */
class LiveChangeIT {
    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void morePodsAndFewerInMidRun() {
        try (DisruptedJob run =
                        DisruptedJob.start(cluster, manifest -> manifest.replace("parallelism: 2", "parallelism: 1"));
                PodHistory pods = PodHistory.of(run.job())) {
            run.awaitFirstWindow();

            List<String> atWork;
            List<String> staying;
            try (TestingDatabase.Hold _ = run.job().database().holdWritesTo("vectors")) {
                // when more are wanted; none of them can end before all are there
                run.disrupt(() -> run.job().patch("{\"spec\": {\"sharding\": {\"parallelism\": 3}}}"));
                run.job().await("three shards at a time", job -> active(job) == 3);
                run.job().await("three pods at work", job -> job.podsAtWork().size() == 3);
                atWork = names(run.job().podsAtWork());

                // and then fewer, while all of them work
                run.disrupt(() -> run.job().patch("{\"spec\": {\"sharding\": {\"parallelism\": 1}}}"));
                run.job().await("one pod to stay", job -> job.runningPods().size() == 1);
                staying = names(run.job().runningPods());
            }
            List<String> leaving =
                    atWork.stream().filter(pod -> !staying.contains(pod)).toList();
            run.job()
                    .await(
                            "the others to leave",
                            job -> names(job.pods()).stream().noneMatch(leaving::contains));

            // then they wrote their checkpoints, and no shard used up a retry
            pods.assertLeftWithACheckpoint(leaving);
            run.assertUnharmed();
            assertThat(run.job().job(1).getStatus().getFailed()).isNull();
            assertThat(run.history().words()).containsOnly("Pending", "Running", "Complete");
            assertThat(run.job().eventsByReason()).containsEntry("Running", 1L);
        }
    }

    @Test
    void aPauseInMidRun() throws InterruptedException {
        try (DisruptedJob run = DisruptedJob.start(cluster);
                PodHistory pods = PodHistory.of(run.job())) {
            run.awaitFirstWindow();
            String started = run.job().status().startTime();
            String uid = run.job().job(1).getMetadata().getUid();

            // when
            List<String> atWork;
            try (TestingDatabase.Hold _ = run.job().database().hold("documents")) {
                atWork = names(run.job().podsAtWork());
                run.disrupt(() -> run.job().patch("{\"spec\": {\"suspend\": true}}"));
                run.job().await("the pods to be told", job -> job.runningPods().isEmpty());
                run.job().await("Stopping", job -> job.word().equals("Stopping"));
            }

            // then they write a checkpoint and end, and nothing goes on
            run.job().await("Suspended", job -> job.word().equals("Suspended"));
            pods.assertLeftWithACheckpoint(atWork);
            // A kubelet tells of the end before it lets the pod go.
            run.job().await("no pod", job -> job.pods().isEmpty());
            assertThat(run.job().condition("Suspended").getStatus()).isEqualTo("True");
            assertThat(run.job().condition("Reconciling").getStatus()).isEqualTo("False");
            assertThat(run.job().condition("Stalled").getStatus()).isEqualTo("False");
            assertThat(run.job().sentence())
                    .isEqualTo("spec.suspend is true: set it to false, and the run goes on from its checkpoint");
            assertThat(active(run.job())).isZero();
            long stored = run.job().storedDocuments();
            assertThat(run.job().status().documents().embedded()).isBetween(1L, stored);

            // and what is changed meanwhile starts nothing
            run.job().patch("{\"spec\": {\"sharding\": {\"parallelism\": 4}}}");
            run.job().await("four at a time", job -> job.job(1).getSpec().getParallelism() == 4);
            Thread.sleep(2_000);
            assertThat(run.job().pods()).isEmpty();
            assertThat(run.job().storedDocuments()).isEqualTo(stored).isLessThan(DisruptedJob.DOCUMENTS);

            // when
            run.job().patch("{\"spec\": {\"suspend\": false}}");

            // then the same run goes on, and reads nothing again
            run.job().await("four shards at a time", job -> active(job) == 4);
            run.assertUnharmed();
            assertThat(run.job().status().documents().skipped()).isZero();
            assertThat(run.job().status().startTime()).isEqualTo(started);
            assertThat(run.job().job(1).getMetadata().getUid()).isEqualTo(uid);
            assertThat(run.job().job(1).getStatus().getFailed()).isNull();
            assertThat(run.history().words()).containsSubsequence("Running", "Stopping", "Suspended", "Running");
            assertThat(run.job().eventsByReason())
                    .containsEntry("Stopping", 1L)
                    .containsEntry("Suspended", 1L)
                    .doesNotContainKeys("Retrying", "Failing");
        }
    }

    @Test
    void anotherRunEmbedsWhatHasChangedAndSkipsTheRest() {
        TestingJob job = TestingJob.prepare(cluster, 300)
                .apply(manifest -> manifest.replace("shards: 4", "shards: 2")
                        .replace("index: {type: None}", "index: {type: None}\n      orphans: Delete"))
                .awaitComplete();
        assertThat(job.status().documents().embedded()).isEqualTo(300);
        TestingDatabase database = job.database();
        database.execute("CREATE TABLE before AS SELECT clock_timestamp() AS moment");

        // when documents change, come and go, and a person asks for another run
        database.execute(
                "UPDATE documents SET body = body || ' and so it was' WHERE id BETWEEN 101 AND 110",
                "INSERT INTO documents SELECT i, 'a new document ' || i FROM generate_series(301, 305) i",
                "DELETE FROM documents WHERE id IN (20, 21)");
        job.patch("{\"spec\": {\"runNonce\": 2}}");
        job.await("run 2", seen -> seen.status().run() == 2).awaitComplete();

        // then
        assertThat(job.status().documents().total()).isEqualTo(303);
        assertThat(job.status().documents().embedded()).isEqualTo(15);
        assertThat(job.status().documents().skipped()).isEqualTo(288);
        assertThat(job.status().documents().failed()).isZero();
        assertThat(database.number("SELECT count(DISTINCT id) FROM vectors, before WHERE embedded_at > before.moment"))
                .isEqualTo(15);
        job.assertEveryDocumentOnce();
        assertThat(job.rows()).isEqualTo(UndisturbedRun.rows(database));

        // and the former run's Job is left to its time to live, what its pods read is not
        assertThat(job.job(1).getStatus().getSucceeded()).isEqualTo(2);
        assertThat(job.job(2).getStatus().getSucceeded()).isEqualTo(2);
        assertThat(cluster.client()
                        .configMaps()
                        .inNamespace(job.namespace())
                        .withName("proof-1")
                        .get())
                .isNull();
        assertThat(job.eventsByReason()).containsEntry("Complete", 2L);
    }

    @Test
    void anotherRunWithOtherShardsTakesThePlaceOfOneInMidRun() {
        try (DisruptedJob run = DisruptedJob.start(cluster);
                PodHistory pods = PodHistory.of(run.job())) {
            run.awaitFirstWindow();
            long stored = run.job().storedDocuments();

            // when
            List<String> atWork;
            try (TestingDatabase.Hold _ = run.job().database().hold("documents")) {
                atWork = names(run.job().podsAtWork());
                run.disrupt(() -> run.job()
                        .patch("{\"spec\": {\"runNonce\": 7, \"sharding\": {\"shards\": 3, \"parallelism\": 3}}}"));
                run.job().await("the pods to be told", job -> job.runningPods().isEmpty());
                run.job().await("Stopping", job -> job.word().equals("Stopping"));
            }

            // then the one ends before the other begins, which finds what is there
            run.job().await("run 2", job -> job.job(2) != null);
            assertThat(run.job().job(1)).isNull();
            pods.assertLeftWithACheckpoint(atWork);
            run.assertUnharmed();
            pods.assertOneRunAtATime();
            assertThat(run.job().status().run()).isEqualTo(2);
            assertThat(run.job().status().runNonce()).isEqualTo(7);
            assertThat(run.job().status().shards().total()).isEqualTo(3);
            assertThat(run.job().status().documents().skipped()).isGreaterThanOrEqualTo(stored);
        }
    }

    @Test
    void aLimitThatIsRaisedCountsForPodsThatStartLater() {
        // given a document that is too long for every runner, and a first pod that has read that none may fail
        TestingJob job = TestingJob.prepareWithoutSecret(cluster, 100);
        job.database().execute("UPDATE documents SET body = repeat('flood ', 3 * 1024 * 1024) WHERE id = 99");
        job.apply(manifest -> manifest.replace("shards: 4, parallelism: 2", "shards: 2, parallelism: 1"));
        job.await("MissingSecret", seen -> "MissingSecret".equals(seen.word()));

        // when
        job.patch("{\"spec\": {\"failurePolicy\": {\"maxFailedDocuments\": 1}}}");
        job.await("the new manifest to be seen", seen -> seen.status().observedGeneration() == 2);
        job.giveSecret("uri");

        // then the last pod knows it, which is the one that judges
        job.awaitComplete();
        assertThat(job.status().documents().embedded()).isEqualTo(99);
        assertThat(job.status().documents().failed()).isEqualTo(1);
        assertThat(job.pods()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"source\": {\"postgres\": {\"table\": \"public.others\"}}}",
                "{\"chunking\": {\"maxTokens\": 16}}",
                "{\"embedder\": {\"onnx\": {\"prefix\": \"passage: \"}}}",
                "{\"sink\": {\"pgvector\": {\"table\": \"public.others\"}}}",
                "{\"sharding\": {\"shards\": 5}}"
            })
    void whatIsFixedWithinARun(String spec) {
        TestingJob job = suspended();

        // when a person edits a field that is fixed within a run
        Program.Answer answer = job.askToPatch("{\"spec\": %s}".formatted(spec));

        // then the API server says what to do
        assertThat(answer.exitCode()).isEqualTo(1);
        assertThat(answer.text())
                .contains("source, chunking, embedder, sink and sharding.shards cannot change within a run:"
                        + " change runNonce in the same edit to start a new one");
        assertThat(job.current().getMetadata().getGeneration()).isEqualTo(1);

        // and accepts the edit that follows its advice
        job.patch("{\"spec\": %s}".formatted(spec.replaceFirst("\\{", "{\"runNonce\": 2, ")));
        job.await("the new manifest to be seen", seen -> seen.status().observedGeneration() == 2);
    }

    @Test
    void aJobThatIsCleanedUpIsNotRunAgain() throws InterruptedException {
        TestingJob job = TestingJob.prepare(cluster, 60)
                .apply(manifest -> manifest.replace("shards: 4, parallelism: 2", "shards: 1, parallelism: 1")
                        + "  podRetentionSeconds: 2\n")
                .awaitComplete();

        // when its time is over
        job.await(
                "nothing but the EmbeddingJob",
                seen -> seen.jobs().isEmpty() && seen.pods().isEmpty());
        assertThat(job.word()).isEqualTo("Complete");
        String completed = job.status().completionTime();

        // and a newly started operator reconciles it, because a person edits it
        cluster.restartOperator();
        job.patch("{\"spec\": {\"failurePolicy\": {\"maxFailedDocuments\": 3}}}");
        job.await("the new manifest to be seen", seen -> seen.status().observedGeneration() == 2);
        Thread.sleep(2_000);

        // then its status is as it was, and nothing starts
        assertThat(job.jobs()).isEmpty();
        assertThat(job.pods()).isEmpty();
        assertThat(job.word()).isEqualTo("Complete");
        assertThat(job.status().completionTime()).isEqualTo(completed).isNotNull();
        assertThat(job.status().documents().embedded()).isEqualTo(60);
        assertThat(job.status().shards().succeeded()).isEqualTo(1);
        assertThat(job.eventsByReason()).containsEntry("Complete", 1L);
        job.assertEveryDocumentOnce();
    }

    private TestingJob suspended() {
        return TestingJob.prepare(cluster, 1)
                .apply(manifest -> manifest + "  suspend: true\n")
                .await("Suspended", job -> job.word() != null);
    }

    private static int active(TestingJob job) {
        return job.status().shards().active();
    }

    private static List<String> names(List<Pod> pods) {
        return pods.stream().map(pod -> pod.getMetadata().getName()).toList();
    }
}
