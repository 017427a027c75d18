package io.embeddingoperator.api.v1alpha1;

/** The column type of an embedding. */
public enum VectorType {
    /** 32-bit floats. */
    Vector,
    /** 16-bit floats: half the space, nearly the same recall. */
    HalfVector
}
