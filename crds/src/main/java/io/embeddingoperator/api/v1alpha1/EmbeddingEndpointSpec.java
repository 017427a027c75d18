package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;

/**
 * What answers the queries of a search, and with how many pods.
 *
 * @param embedder the model: exactly one of fromJob, onnx
 * @param replicas pods that {@code kubectl scale} or an autoscaler asked for last, for example 3, within scaling.minReplicas and
 *     scaling.maxReplicas; 0 stops all of them. Leave it out of manifests, which would undo what the autoscaler does
 * @param scaling between how many pods the endpoint grows with its traffic
 * @param limits what a pod takes upon itself
 * @param template what is added to the pods; without it they have what an endpoint needs
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EmbeddingEndpointSpec(
        @Required EndpointEmbedder embedder,

        @SpecReplicas @Default("1") @Min(0) @Max(Limit.REPLICAS)
        Integer replicas,

        @Default("{}") EndpointScaling scaling,
        @Default("{}") EndpointLimits limits,
        RunnerTemplate template) {
    public EmbeddingEndpointSpec {
        Field.required(embedder, "spec.embedder", "say which model answers: fromJob or onnx");
        // An autoscaler takes a scale of 0, which is what the API server reads where there is none, for one that is
        // turned off.
        replicas = Field.between(Field.orElse(replicas, 1), 0, Limit.REPLICAS, "spec.replicas");
        scaling = Field.orElse(scaling, EndpointScaling.DEFAULT);
        limits = Field.orElse(limits, EndpointLimits.DEFAULT);
        template = Field.orElse(template, RunnerTemplate.EMPTY);
        Bounds.check(embedder, "spec.embedder");
        Bounds.check(template, "spec.template");
    }
}
