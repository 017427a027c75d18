package io.embeddingoperator.operator.observe;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus.AnsweringModel;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the operator sees of an endpoint in one pass.
 *
 * @param at when
 * @param deployment empty until it is made
 * @param pods those that there are, of older manifests too
 * @param model what a pod says that it answers with; empty where none was asked or none answered
 */
public record EndpointObservation(
        Instant at, Optional<Deployment> deployment, List<Pod> pods, Optional<AnsweringModel> model) {
    public EndpointObservation {
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(deployment, "deployment");
        Objects.requireNonNull(model, "model");
        pods = List.copyOf(pods);
    }
}
