package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.PodHistory;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A queue decides when a job's pods run, where, and how many: the test does to the Job what Kueue does. */
class KueueIT {
    private static final String QUEUE = "kueue.x-k8s.io/queue-name";
    private static final String PRIORITY = "kueue.x-k8s.io/priority-class";

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void whatKueueDecidesIsLeftAlone() throws InterruptedException {
        try (DisruptedJob run = DisruptedJob.start(
                        cluster,
                        manifest -> manifest.replace(
                                "metadata: {",
                                "metadata: {labels: {%s: embeddings, %s: low}, ".formatted(QUEUE, PRIORITY)));
                PodHistory pods = PodHistory.of(run.job())) {
            // then the Job is in the queue, and nothing else happens
            run.job().await("Queued", job -> "Queued".equals(job.word()));
            assertThat(run.job().sentence())
                    .isEqualTo("queue embeddings of Kueue starts the run when it has quota: kubectl get workloads -n %s"
                            .formatted(run.job().namespace()));
            assertThat(run.job().condition("Suspended").getStatus()).isEqualTo("True");
            Thread.sleep(3_000);
            assertThat(run.job().job(1).getSpec().getSuspend()).isTrue();
            assertThat(run.job().job(1).getMetadata().getLabels())
                    .containsEntry(QUEUE, "embeddings")
                    .containsEntry(PRIORITY, "low");
            assertThat(run.job().job(1).getMetadata().getGeneration()).isEqualTo(1);
            assertThat(run.job().pods()).isEmpty();

            // when Kueue admits a part of it, to a certain node
            kueue(
                    run.job(),
                    job -> job.editSpec()
                            .withSuspend(false)
                            .withParallelism(1)
                            .editTemplate()
                            .editSpec()
                            .addToNodeSelector("kubernetes.io/hostname", TestingCluster.FIRST_NODE)
                            .endSpec()
                            .endTemplate()
                            .endSpec());
            run.awaitFirstWindow();

            // then what its user wants of the same things is left to Kueue
            try (TestingDatabase.Hold _ = run.job().database().hold("documents")) {
                run.disrupt(() -> run.job().patch("{\"spec\": {\"sharding\": {\"parallelism\": 3}}}"));
                run.job().await("the wish to be seen", job -> job.status().observedGeneration() == 2);
                Thread.sleep(3_000);
                assertThat(run.job().job(1).getSpec().getParallelism()).isEqualTo(1);
                assertThat(run.job().job(1).getSpec().getTemplate().getSpec().getNodeSelector())
                        .isEqualTo(Map.of("kubernetes.io/hostname", TestingCluster.FIRST_NODE));
                // one pod may have ended a moment ago, and the next one starts
                run.job().await("one pod", job -> job.runningPods().size() == 1);
                assertThat(run.job().runningPods())
                        .hasSize(1)
                        .allSatisfy(
                                pod -> assertThat(pod.getMetadata().getLabels()).doesNotContainKeys(QUEUE, PRIORITY));
            }

            // when Kueue takes the quota back
            run.job().await("a pod at work", job -> !job.podsAtWork().isEmpty());
            List<String> atWork;
            try (TestingDatabase.Hold _ = run.job().database().hold("documents")) {
                atWork = run.job().podsAtWork().stream()
                        .map(pod -> pod.getMetadata().getName())
                        .toList();
                run.disrupt(() ->
                        kueue(run.job(), job -> job.editSpec().withSuspend(true).endSpec()));
                run.job().await("the pod to be told", job -> job.runningPods().isEmpty());
            }

            // then the pod leaves with a checkpoint, and the job waits in the queue again
            run.job().await("Queued again", job -> "Queued".equals(job.word()));
            pods.assertLeftWithACheckpoint(atWork);
            assertThat(run.job().pods()).filteredOn(KueueIT::isLive).isEmpty();
            assertThat(run.job().storedDocuments()).isBetween(1L, DisruptedJob.DOCUMENTS - 1L);

            // and when it gets more of it, elsewhere
            kueue(
                    run.job(),
                    job -> job.editSpec()
                            .withSuspend(false)
                            .withParallelism(2)
                            .editTemplate()
                            .editSpec()
                            .withNodeSelector(Map.of("kubernetes.io/os", "linux"))
                            .endSpec()
                            .endTemplate()
                            .endSpec());

            // then the same Job goes on, and what was changed of it in the end is what Kueue changed
            run.job().await("two at a time", job -> job.runningPods().size() == 2);
            Job admitted = run.job().job(1);
            assertThat(admitted.getMetadata().getGeneration()).isEqualTo(4);
            run.assertUnharmed();
            assertThat(run.job().job(1).getMetadata().getUid())
                    .isEqualTo(admitted.getMetadata().getUid());
            assertThat(run.job().job(1).getSpec().getParallelism()).isEqualTo(2);
            assertThat(run.job().status().documents().skipped()).isZero();
            assertThat(run.history().words()).containsSubsequence("Queued", "Running", "Queued", "Running", "Complete");
            assertThat(run.job().eventsByReason()).containsEntry("Queued", 2L).containsEntry("Complete", 1L);
        }
    }

    @Test
    void aJobThatItsUserSuspendsLeavesTheQueueAndComesBack() {
        TestingJob job = TestingJob.prepare(cluster, 60)
                .apply(manifest -> manifest.replace("shards: 4, parallelism: 2", "shards: 1, parallelism: 1")
                                .replace("metadata: {", "metadata: {labels: {%s: embeddings}, ".formatted(QUEUE))
                        + "  suspend: true\n");

        // then what is suspended is not queued
        job.await("Suspended", seen -> "Suspended".equals(seen.word()));
        assertThat(job.jobs()).isEmpty();

        // when it is to run
        job.patch("{\"spec\": {\"suspend\": false}}");
        job.await("Queued", seen -> seen.word().equals("Queued"));
        String first = job.job(1).getMetadata().getUid();

        // and not to run after all
        job.patch("{\"spec\": {\"suspend\": true}}");

        // then it leaves the queue: Kueue would not see another way
        job.await(
                "Suspended",
                seen -> seen.word().equals("Suspended") && seen.jobs().isEmpty());

        // and when it is wanted again, and admitted
        job.patch("{\"spec\": {\"suspend\": false}}");
        job.await("Queued", seen -> seen.word().equals("Queued") && seen.job(1) != null);
        assertThat(job.job(1).getMetadata().getUid()).isNotEqualTo(first);
        kueue(job, queued -> queued.editSpec().withSuspend(false).endSpec());

        // then
        job.awaitComplete();
        job.assertEveryDocumentOnce();
    }

    /** A change of the Job by another client than the operator: refused when it is not of the newest version. */
    private void kueue(TestingJob job, UnaryOperator<JobBuilder> change) {
        cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(job.namespace())
                .withName(job.name() + "-1")
                .edit(present -> change.apply(new JobBuilder(present)).build());
    }

    private static boolean isLive(Pod pod) {
        return !List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
    }
}
