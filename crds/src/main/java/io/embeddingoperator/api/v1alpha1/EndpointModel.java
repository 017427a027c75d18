package io.embeddingoperator.api.v1alpha1;

/** Whose model an endpoint answers with. */
public sealed interface EndpointModel {
    /** That of an EmbeddingJob of the same namespace. */
    record OfJob(String name) implements EndpointModel {}

    /** The endpoint's own. */
    record Own(OnnxEmbedder onnx) implements EndpointModel {}
}
