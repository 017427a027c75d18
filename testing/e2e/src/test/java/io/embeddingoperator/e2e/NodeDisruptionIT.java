package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.LocalNode;
import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that is emptied, and one that falls silent and wakes later; another one is there to go on. */
class NodeDisruptionIT {
    private final TestingCluster cluster = TestingCluster.shared();
    private LocalNode other;

    @BeforeEach
    void join() {
        other = cluster.addNode("node-2");
    }

    @AfterEach
    void leave() {
        cluster.removeNode(other);
    }

    @Test
    void aDrainedNodesPodsGoOnElsewhereAndNothingCountsAsFailed() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();

            // when
            run.disrupt(() -> drain(other));

            // then
            assertThat(run.job().pods())
                    .filteredOn(pod -> "Running".equals(pod.getStatus().getPhase()))
                    .allMatch(this::isNotOnTheOtherNode);
            run.assertUnharmed();
            assertThat(run.history().words()).doesNotContain("Retrying", "Failing");
        }
    }

    @Test
    void aNodeThatWakesAfterOthersTookOverHarmsNothing() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();
            List<Path> sleepers = run.job().runningPods().stream()
                    .map(pod ->
                            other.logs(run.job().namespace(), pod.getMetadata().getName()))
                    .toList();

            // when the node stands still, and a person says so to Kubernetes as its manual advises
            run.disrupt(other::freeze);
            awaitUnreachable(run.job());
            cluster.kubectl()
                    .run("taint", "node", other.name(), "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
            run.job()
                    .await(
                            "pods on the first node",
                            job -> job.runningPods().stream()
                                            .filter(this::isNotOnTheOtherNode)
                                            .count()
                                    == 2);
            run.awaitMoreDocuments();

            // and when its runners wake in mid-run, unheard by Kubernetes, and write on
            run.disrupt(other::thaw);

            // then they find out by themselves that their shards are not theirs any more
            run.job()
                    .await(
                            "the old runners' last words",
                            _ -> sleepers.stream()
                                    .allMatch(log -> text(log).contains("was taken over by another runner")));

            // and when the node is heard again
            other.respondAgain();
            cluster.kubectl().run("taint", "node", other.name(), "node.kubernetes.io/out-of-service-");

            // then
            run.assertUnharmed();
            assertThat(run.job().status().shards().failed()).isZero();
        }
    }

    private DisruptedJob startOnTheOtherNode() {
        String first = cluster.node().name();
        cluster.kubectl().run("cordon", first);
        DisruptedJob run = DisruptedJob.start(cluster);
        run.job().await("two pods", job -> job.runningPods().size() == 2);
        assertThat(run.job().runningPods()).noneMatch(this::isNotOnTheOtherNode);
        cluster.kubectl().run("uncordon", first);
        return run;
    }

    private void awaitUnreachable(TestingJob job) {
        job.await(
                "the silent node to be missed",
                _ -> cluster.client().nodes().withName(other.name()).get().getSpec().getTaints().stream()
                        .anyMatch(taint -> taint.getKey().equals("node.kubernetes.io/unreachable")
                                && taint.getEffect().equals("NoExecute")));
    }

    private boolean isNotOnTheOtherNode(Pod pod) {
        return !other.name().equals(pod.getSpec().getNodeName());
    }

    private static void drain(LocalNode node) {
        try {
            node.drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String text(Path logs) {
        try {
            return Files.readString(logs.resolve("runner/0.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
