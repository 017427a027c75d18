package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;

/**
 * Nodes are drained of an endpoint's pods one by one. An endpoint with one pod is not protected: a node whose last pod may never go
 * could not be drained at all.
 */
public final class EndpointDisruptionBudget {
    private EndpointDisruptionBudget() {}

    public static PodDisruptionBudget desired(EmbeddingEndpoint endpoint) {
        return new PodDisruptionBudgetBuilder()
                .withMetadata(
                        Ownership.metadata(endpoint, endpoint.getMetadata().getName(), EndpointLabels.of(endpoint)))
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(1))
                .withNewSelector()
                .withMatchLabels(EndpointLabels.of(endpoint))
                .endSelector()
                .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                .endSpec()
                .build();
    }
}
