package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import java.util.Optional;

/**
 * Asks for as many pods as the traffic needs, by their use of CPU. It asks the EmbeddingEndpoint, as {@code kubectl scale} does, so
 * that one place tells how many pods there should be.
 */
public final class EndpointAutoscaler {
    private EndpointAutoscaler() {}

    /** Empty where the manifest names no most. */
    public static Optional<HorizontalPodAutoscaler> desired(EmbeddingEndpoint endpoint) {
        return Optional.ofNullable(endpoint.getSpec().scaling().maxReplicas()).map(most -> desired(endpoint, most));
    }

    private static HorizontalPodAutoscaler desired(EmbeddingEndpoint endpoint, int most) {
        return new HorizontalPodAutoscalerBuilder()
                .withMetadata(
                        Ownership.metadata(endpoint, endpoint.getMetadata().getName(), EndpointLabels.of(endpoint)))
                .withNewSpec()
                .withNewScaleTargetRef(
                        endpoint.getApiVersion(),
                        endpoint.getKind(),
                        endpoint.getMetadata().getName())
                .withMinReplicas(endpoint.getSpec().scaling().minReplicas())
                .withMaxReplicas(most)
                .addNewMetric()
                .withType("Resource")
                .withNewResource()
                .withName("cpu")
                .withNewTarget()
                .withType("Utilization")
                .withAverageUtilization(endpoint.getSpec().scaling().targetUtilization())
                .endTarget()
                .endResource()
                .endMetric()
                .endSpec()
                .build();
    }
}
