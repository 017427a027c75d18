package io.embeddingoperator.api.v1alpha1;

/** What turns text into vectors. */
public sealed interface Embedder permits OnnxEmbedder, OpenAiEmbedder {}
