package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Runner pods that end before their time, in every way that there is. */
class PodDisruptionIT {
    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void podsKilledAtRandomLoseAndDoubleNothing() throws InterruptedException {
        // given every way to end a pod, in an order that can be had again
        long seed = Long.getLong("e2e.seed", System.nanoTime());
        System.out.println("pods are killed at random: -De2e.seed=" + seed + " repeats it");
        Random random = new Random(seed);
        List<Consumer<Pod>> ways = new ArrayList<>(List.of(
                cluster::kill,
                cluster::exhaustMemory,
                pod -> delete(pod, "--wait=false"),
                pod -> delete(pod, "--grace-period=1", "--wait=false"),
                pod -> delete(pod, "--force", "--grace-period=0", "--wait=false")));
        Collections.shuffle(ways, random);
        try (DisruptedJob run = DisruptedJob.start(cluster)) {
            run.awaitFirstWindow();

            // when
            for (Consumer<Pod> way : ways) {
                run.job().await("a running pod", job -> !job.runningPods().isEmpty());
                List<Pod> running = run.job().runningPods();
                run.disrupt(() -> way.accept(running.get(random.nextInt(running.size()))));
                Thread.sleep(random.nextLong(1_500));
            }

            // then
            run.assertUnharmed();
            assertThat(run.job().status().shards().failed()).isZero();
        }
    }

    @Test
    void aPodThatIsDeletedAfterItsEndTakesNoNumbersWithIt() {
        try (DisruptedJob run = DisruptedJob.start(cluster)) {
            // given shards that are done, and their pods tell how many documents they were
            run.job().await("two shards that are done", job -> succeeded(job) >= 2);
            List<Pod> ended = run.job().pods().stream()
                    .filter(pod -> "Succeeded".equals(pod.getStatus().getPhase()))
                    .toList();
            assertThat(ended).hasSizeGreaterThanOrEqualTo(2);

            // when a person deletes the pods in mid-run
            run.disrupt(() -> ended.forEach(this::delete));
            assertThat(run.job().pods())
                    .extracting(pod -> pod.getMetadata().getName())
                    .doesNotContainAnyElementsOf(ended.stream()
                            .map(pod -> pod.getMetadata().getName())
                            .toList());

            // then
            run.assertUnharmed();
            assertThat(run.job().sentence()).startsWith("2,000 documents embedded, 0 failed");
        }
    }

    private static int succeeded(TestingJob job) {
        EmbeddingJobStatus status = job.status();
        return status == null || status.shards() == null || status.shards().succeeded() == null
                ? 0
                : status.shards().succeeded();
    }

    private void delete(Pod pod, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "delete",
                "pod",
                pod.getMetadata().getName(),
                "-n",
                pod.getMetadata().getNamespace()));
        arguments.addAll(List.of(options));
        cluster.kubectl().run(arguments.toArray(String[]::new));
    }
}
