package io.embeddingoperator.api.v1alpha1;

/** The index over the embeddings. */
public enum IndexType {
    HNSW,
    None
}
