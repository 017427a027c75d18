package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.KubernetesNode;
import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.e2e.testing.UndisturbedRun;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real node that stands still, whose kubelet dies, or that is lost, in mid-run; another one is there to go on. */
class RealNodeIT {
    private final TestingCluster cluster = TestingCluster.real();
    private KubernetesNode other;
    private boolean lost;

    @BeforeEach
    void join() {
        other = cluster.addRealNode("node-2");
    }

    @AfterEach
    void leave() {
        if (!lost) {
            cluster.removeRealNode(other);
        }
    }

    @Test
    void theImagesEmbedEveryDocumentOnce() {
        // given a namespace that enforces the Pod Security Standard restricted
        TestingJob job = TestingJob.prepare(cluster, 200).apply();

        // when
        job.awaitComplete();

        // then
        job.assertEveryDocumentOnce();
        assertThat(job.rows()).isEqualTo(UndisturbedRun.rows(200));
        assertThat(job.status().shards().succeeded()).isEqualTo(4);
        assertThat(cluster.kubectl()
                        .run("logs", "-n", job.namespace(), "-l", "embedding-operator.io/job=proof", "--tail=-1"))
                .contains("port 8080 answers /progress")
                .doesNotContain(job.database().uri());
    }

    @Test
    void aNodeThatWakesAfterTheRunIsOverChangesNothing() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();
            List<Pod> sleepers = run.job().runningPods();

            // when the machine stands still, and a person says so to Kubernetes as its manual advises
            run.disrupt(() -> {
                // The kubelet dies first, so that the runners wake unheard.
                other.stopKubelet();
                other.freeze();
            });
            awaitUnreachable(run.job());
            cluster.kubectl()
                    .run("taint", "node", other.name(), "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");

            // then others do the rest
            run.assertUnharmed();

            // and when the runners wake in the middle of their windows
            other.thaw();

            // then they are refused, and leave the table as it is
            run.job()
                    .await(
                            "the old runners' last words",
                            _ -> sleepers.stream()
                                    .allMatch(pod ->
                                            other.log(pod, "runner").contains("was taken over by another runner")));
            other.startKubelet();
            run.assertUnharmed();
        }
    }

    @Test
    void aKubeletThatIsMissedFindsItsPodsAtWork() {
        try (DisruptedJob run = startOnTheOtherNode()) {
            run.awaitFirstWindow();

            // when the kubelet dies, and the cluster wants the pods of its node gone
            run.disrupt(other::stopKubelet);
            awaitUnreachable(run.job());

            // then they go on
            run.awaitMoreDocuments();

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
            run.disrupt(() -> cluster.removeRealNode(other));
            lost = true;

            // then
            run.assertUnharmed();
        }
    }

    private DisruptedJob startOnTheOtherNode() {
        cluster.kubectl().run("cordon", "node-1");
        DisruptedJob run = DisruptedJob.start(cluster);
        run.job().await("two pods", job -> job.runningPods().size() == 2);
        cluster.kubectl().run("uncordon", "node-1");
        return run;
    }

    private void awaitUnreachable(TestingJob job) {
        job.await(
                "the silent node to be missed",
                _ -> cluster.client().nodes().withName(other.name()).get().getSpec().getTaints().stream()
                        .anyMatch(taint -> taint.getKey().equals("node.kubernetes.io/unreachable")
                                && taint.getEffect().equals("NoExecute")));
    }
}
