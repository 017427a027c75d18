package io.embeddingoperator.runner.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.embeddingoperator.runner.failure.SpecificationException;

/**
 * What a runner reads of an object's metadata; labels, annotations and the rest belong to Kubernetes.
 *
 * @param uid given by the API server; null on a laptop
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Metadata(String namespace, String name, String uid) {
    public Metadata {
        if (name == null || name.isBlank()) {
            throw new SpecificationException("metadata.name is missing: give the job a name");
        }
        namespace = namespace == null ? "default" : namespace;
    }
}
