package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;

/** Evicts a node's pods as {@code kubectl drain} does: through the Eviction API, again where a disruption budget refuses. */
record Drain(KubernetesClient client, String node) {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    void evictAll() throws InterruptedException {
        List<Pod> pods = pods();
        while (!pods.isEmpty()) {
            pods.stream()
                    .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                    .forEach(this::evict);
            Thread.sleep(BETWEEN_LOOKS);
            pods = pods();
        }
    }

    private List<Pod> pods() {
        return client.pods().inAnyNamespace().withField("spec.nodeName", node).list().getItems().stream()
                .filter(pod -> !PodPhase.isFinal(pod.getStatus().getPhase()) && !belongsToDaemonSet(pod))
                .toList();
    }

    private void evict(Pod pod) {
        try {
            client.pods().resource(pod).evict();
        } catch (KubernetesClientException failure) {
            if (failure.getCode() != TOO_MANY_REQUESTS) {
                throw failure;
            }
        }
    }

    private static boolean belongsToDaemonSet(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getKind().equals("DaemonSet"));
    }
}
