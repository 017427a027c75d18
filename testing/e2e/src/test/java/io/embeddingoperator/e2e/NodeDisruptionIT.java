package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.KubernetesNode;
import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that is emptied, stands still, falls silent or is lost, in mid-run; another one is there to go on. */
class NodeDisruptionIT {
    private final TestingCluster cluster = TestingCluster.shared();
    private KubernetesNode other;
    private boolean lost;

    @BeforeEach
    void join() {
        other = cluster.addNode("node-2");
    }

    @AfterEach
    void leave() {
        if (!lost) {
            cluster.removeNode(other);
        }
    }

    @Test
    void aDrainedNodesPodsGoOnElsewhereAndNothingCountsAsFailed() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();

            // when
            run.disrupt(() -> cluster.kubectl().run("drain", other.name(), "--delete-emptydir-data"));

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
            List<Pod> sleepers = run.job().runningPods();

            // when the node stands still, and a person says so to Kubernetes as its manual advises
            run.disrupt(this::standStill);
            declareOutOfService(run.job());
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
            awaitTakenOver(run.job(), sleepers);

            // and when the node is heard again
            other.startKubelet();
            cluster.kubectl().run("taint", "node", other.name(), "node.kubernetes.io/out-of-service-");

            // then
            run.assertUnharmed();
            assertThat(run.job().status().shards().failed()).isZero();
        }
    }

    @Test
    void aNodeThatWakesAfterTheRunIsOverChangesNothing() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();
            List<Pod> sleepers = run.job().runningPods();

            // when the node stands still, and others do the rest
            run.disrupt(this::standStill);
            declareOutOfService(run.job());
            run.assertUnharmed();

            // and when its runners wake in the middle of their windows
            other.thaw();

            // then they are refused, and leave the table as it is
            awaitTakenOver(run.job(), sleepers);
            other.startKubelet();
            run.assertUnharmed();
        }
    }

    @Test
    void aKubeletThatIsMissedFindsItsPodsAtWork() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();

            // when the kubelet dies, and the cluster wants the pods of its node gone; they must not be done before
            long stored;
            try (TestingDatabase.Hold _ = run.job().database().holdWritesTo("vectors")) {
                run.disrupt(other::stopKubelet);
                awaitUnreachable(run.job());
                stored = run.job().storedDocuments();
            }

            // then they go on
            run.awaitMoreDocumentsThan(stored);

            // and when it is back
            other.startKubelet();

            // then
            run.assertUnharmed();
        }
    }

    @Test
    void aNodeThatIsLostForGoodTakesNothingWithIt() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();

            // when
            run.disrupt(() -> cluster.removeNode(other));
            lost = true;

            // then
            run.assertUnharmed();
        }
    }

    private DisruptedJob startOnTheOtherNode() {
        cluster.kubectl().run("cordon", TestingCluster.FIRST_NODE);
        DisruptedJob run = DisruptedJob.start(cluster);
        run.job().await("two pods", job -> job.runningPods().size() == 2);
        assertThat(run.job().runningPods()).noneMatch(this::isNotOnTheOtherNode);
        cluster.kubectl().run("uncordon", TestingCluster.FIRST_NODE);
        return run;
    }

    private void standStill() {
        // The kubelet dies first, so that the runners wake unheard.
        other.stopKubelet();
        other.freeze();
    }

    private void declareOutOfService(TestingJob job) {
        awaitUnreachable(job);
        cluster.kubectl()
                .run("taint", "node", other.name(), "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
    }

    private void awaitUnreachable(TestingJob job) {
        job.await(
                "the silent node to be missed",
                _ -> cluster.client().nodes().withName(other.name()).get().getSpec().getTaints().stream()
                        .anyMatch(taint -> taint.getKey().equals("node.kubernetes.io/unreachable")
                                && taint.getEffect().equals("NoExecute")));
    }

    private void awaitTakenOver(TestingJob job, List<Pod> sleepers) {
        job.await(
                "the old runners' last words",
                _ -> sleepers.stream()
                        .allMatch(pod -> other.log(pod, "runner").contains("was taken over by another runner")));
    }

    private boolean isNotOnTheOtherNode(Pod pod) {
        return !other.name().equals(pod.getSpec().getNodeName());
    }
}
