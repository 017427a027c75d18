package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The labels by which the operator's informers, a Service, a NetworkPolicy and a person find the objects of an endpoint. */
public final class EndpointLabels {
    public static final String NAME_VALUE = "embedding-endpoint";

    /** The name of the EmbeddingEndpoint, in the object's own namespace. */
    public static final String ENDPOINT = ApiVersion.GROUP + "/endpoint";

    /** What selects the objects of every endpoint. */
    public static final String SELECTOR =
            RunLabels.NAME + "=" + NAME_VALUE + "," + RunLabels.MANAGED_BY + "=" + RunLabels.MANAGED_BY_VALUE;

    private EndpointLabels() {}

    /** The labels of the objects of one endpoint, which also select its pods. */
    public static Map<String, String> of(EmbeddingEndpoint endpoint) {
        return Map.of(
                RunLabels.NAME,
                NAME_VALUE,
                RunLabels.MANAGED_BY,
                RunLabels.MANAGED_BY_VALUE,
                ENDPOINT,
                endpoint.getMetadata().getName());
    }

    /** These as a label selector in text, as an autoscaler reads it. */
    public static String selector(EmbeddingEndpoint endpoint) {
        return new TreeMap<>(of(endpoint))
                .entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(","));
    }
}
