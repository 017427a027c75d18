package io.embeddingoperator.api.v1alpha1;

/** The distance that the index serves. */
public enum DistanceMetric {
    Cosine,
    InnerProduct,
    Euclidean
}
