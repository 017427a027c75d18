package io.embeddingoperator.runner.manifest;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointSpec;
import io.embeddingoperator.api.v1alpha1.EndpointLimits;
import io.embeddingoperator.runner.failure.SpecificationException;

/** An EmbeddingEndpoint as a file holds it. */
public record EndpointManifest(String apiVersion, String kind, Metadata metadata, EmbeddingEndpointSpec spec)
        implements ServedManifest {
    public EndpointManifest {
        if (metadata == null) {
            throw new SpecificationException("metadata is missing: give the endpoint a metadata.name");
        }
        if (spec == null) {
            throw new SpecificationException("spec is missing: say which model answers");
        }
    }

    @Override
    public EndpointLimits limits() {
        return spec.limits();
    }
}
