package io.embeddingoperator.operator.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import java.io.UncheckedIOException;

/** Endpoints for tests. */
public final class TestingEndpoint {
    private static final ObjectMapper YAML = new YAMLMapper();

    private TestingEndpoint() {}

    /** The endpoint {@code wiki-queries} in {@code search}, of the job {@code wiki}. */
    public static EmbeddingEndpoint ofWiki() {
        return with("embedder: {fromJob: wiki}");
    }

    /** The same of another specification. */
    public static EmbeddingEndpoint with(String spec) {
        try {
            ObjectNode endpoint = (ObjectNode) YAML.readTree("""
                    apiVersion: embedding-operator.io/v1alpha1
                    kind: EmbeddingEndpoint
                    metadata:
                      name: wiki-queries
                      namespace: search
                      uid: 0f6f2f0e-1f0a-4f3c-8a44-5a0f3f1b9d10
                      generation: 1
                    """);
            endpoint.set("spec", YAML.readTree(spec));
            return YAML.treeToValue(endpoint, EmbeddingEndpoint.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
