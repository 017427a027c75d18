package io.embeddingoperator.cluster.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How soon a node that falls silent loses its pods. */
class NodeLossIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    @Test
    void aSilentNodeLosesItsPodsWithinSeconds() throws InterruptedException {
        try (ControlPlane controlPlane = ControlPlane.start(TestingControlPlane.PROGRAMS, folder)) {
            KubernetesClient client = controlPlane.client();
            // Where no node answers at all, the controllers suspect the network and delete nothing.
            Node healthy = client.resource(node("healthy")).create();
            Node silent = client.resource(node("silent")).create();
            beat(client, healthy);
            beat(client, silent);
            Pod pod = client.resource(podOn("silent")).create();

            Instant deadline = Instant.now().plus(LIMIT);
            while (!isDeleted(client, pod) && Instant.now().isBefore(deadline)) {
                beat(client, healthy);
                Thread.sleep(Duration.ofSeconds(1));
            }

            assertThat(isDeleted(client, pod)).isTrue();
            assertThat(client.resource(silent).get().getSpec().getTaints())
                    .extracting("key")
                    .contains("node.kubernetes.io/unreachable");
            assertThat(client.resource(healthy).get().getSpec().getTaints()).isEmpty();
        }
    }

    private static boolean isDeleted(KubernetesClient client, Pod pod) {
        Pod seen = client.resource(pod).get();
        return seen == null || seen.getMetadata().getDeletionTimestamp() != null;
    }

    /** Says what a kubelet says again and again. */
    private static void beat(KubernetesClient client, Node node) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        client.resource(new NodeBuilder(node)
                        .editMetadata()
                        .withResourceVersion(null)
                        .withManagedFields()
                        .endMetadata()
                        .withNewStatus()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .withReason("KubeletReady")
                        .withLastHeartbeatTime(now)
                        .endCondition()
                        .endStatus()
                        .build())
                .patchStatus();
    }

    private static Node node(String name) {
        return new NodeBuilder().withNewMetadata().withName(name).endMetadata().build();
    }

    private static Pod podOn(String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("pod")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewContainer()
                .withName("main")
                .withImage("example.org/image")
                .endContainer()
                .endSpec()
                .build();
    }
}
