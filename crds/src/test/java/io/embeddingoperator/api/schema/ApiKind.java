package io.embeddingoperator.api.schema;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import java.nio.file.Path;

/** A kind of the API, and the files that are made of its records, seen from the module's folder. */
enum ApiKind {
    EmbeddingJob(EmbeddingJob.class, "reference.md"),
    EmbeddingEndpoint(EmbeddingEndpoint.class, "reference-endpoint.md");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Class<? extends CustomResource<?, ?>> resource;
    private final String reference;

    ApiKind(Class<? extends CustomResource<?, ?>> resource, String reference) {
        this.resource = resource;
        this.reference = reference;
    }

    Class<? extends CustomResource<?, ?>> resource() {
        return resource;
    }

    JavaType spec() {
        return JSON.constructType(resource).findTypeParameters(CustomResource.class)[0];
    }

    JavaType status() {
        return JSON.constructType(resource).findTypeParameters(CustomResource.class)[1];
    }

    /** The CRD, checked in. */
    Path crd() {
        return Path.of("src/main/resources/META-INF/fabric8", HasMetadata.getFullResourceName(resource) + "-v1.yml");
    }

    /** The page that explains it, checked in. */
    Path reference() {
        return Path.of("../docs", reference);
    }
}
