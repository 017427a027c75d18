package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node writes about one pod: repeated until the API server has it, and never to a later pod of the same name. */
record PodApi(KubernetesClient client, PodIdentity pod, NodeConnection connection) {
    private static final Logger LOG = LoggerFactory.getLogger(PodApi.class);
    private static final int UNPROCESSABLE = 422;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

    /** Writes the pod's status; does nothing when the pod is gone. */
    void write(PodStatus status) throws InterruptedException {
        String patch = client.getKubernetesSerialization()
                .asJson(Map.of("metadata", Map.of("uid", pod.uid()), "status", status));
        untilDone(
                "status",
                () -> client.pods()
                        .inNamespace(pod.namespace())
                        .withName(pod.name())
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch));
    }

    /** Removes the pod's object: all of it has ended. */
    void delete() throws InterruptedException {
        var options = new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withGracePeriodSeconds(0L)
                .withNewPreconditions(null, pod.uid())
                .build();
        String path = "/api/v1/namespaces/" + pod.namespace() + "/pods/" + pod.name();
        untilDone("deletion", () -> client.raw(path, "DELETE", options));
    }

    private void untilDone(String what, Runnable write) throws InterruptedException {
        while (true) {
            connection.await();
            try {
                write.run();
                return;
            } catch (KubernetesClientException failure) {
                switch (failure.getCode()) {
                    case HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_CONFLICT -> {
                        LOG.debug("{} of {}: the pod is gone", what, pod);
                        return;
                    }
                    case UNPROCESSABLE -> {
                        LOG.error("the API server refuses the {} of {}: {}", what, pod, failure.getMessage());
                        return;
                    }
                    default -> LOG.debug("{} of {} waits for the API server: {}", what, pod, failure.getMessage());
                }
            }
            Thread.sleep(BETWEEN_ATTEMPTS);
        }
    }
}
