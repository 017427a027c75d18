package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;

/** The address of an endpoint in its cluster. */
public final class EndpointService {
    private EndpointService() {}

    public static Service desired(EmbeddingEndpoint endpoint) {
        return new ServiceBuilder()
                .withMetadata(
                        Ownership.metadata(endpoint, endpoint.getMetadata().getName(), EndpointLabels.of(endpoint)))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(EndpointLabels.of(endpoint))
                .addNewPort()
                .withName(RunnerPod.HTTP_PORT_NAME)
                .withPort(RunnerPod.HTTP_PORT)
                .withTargetPort(new IntOrString(RunnerPod.HTTP_PORT_NAME))
                .withProtocol("TCP")
                .withAppProtocol("http")
                .endPort()
                .endSpec()
                .build();
    }

    /** What clients of OpenAI take as their base URL. */
    public static String url(EmbeddingEndpoint endpoint) {
        return "http://%s.%s.svc:%d/v1"
                .formatted(
                        endpoint.getMetadata().getName(), endpoint.getMetadata().getNamespace(), RunnerPod.HTTP_PORT);
    }
}
