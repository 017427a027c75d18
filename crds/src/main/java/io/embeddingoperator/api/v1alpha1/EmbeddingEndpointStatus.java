package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is true of an endpoint, seen from its child objects. What is not known yet is null and left out.
 *
 * @param observedGeneration the generation of the manifest that this status speaks of
 * @param conditions one a type: Ready, Reconciling, Stalled
 * @param replicas pods that there are, ready or not
 * @param readyReplicas pods that answer
 * @param selector what selects the pods, as an autoscaler reads it
 * @param url where clients in the cluster find the endpoint, as {@code base_url} of OpenAI's clients
 * @param model what the pods answer with, as they say themselves
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EmbeddingEndpointStatus(
        @Nullable Long observedGeneration,
        @Size(max = Limit.CONDITIONS) @Nullable List<Condition> conditions,
        @StatusReplicas @Nullable Integer replicas,
        @Nullable Integer readyReplicas,
        @LabelSelector @Size(max = Limit.VALUE) @Nullable String selector,
        @Size(max = Limit.URL) @Nullable String url,
        @Nullable AnsweringModel model) {
    public EmbeddingEndpointStatus {
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /**
     * The model of the pods.
     *
     * @param name what clients may call it
     * @param fingerprint stands for all that decides a vector: equal ones mean equal spaces
     * @param dimensions numbers of a vector
     */
    public record AnsweringModel(
            @Size(max = Limit.MODEL) String name,
            @Size(max = Limit.SHA256) String fingerprint,
            Integer dimensions) {}
}
