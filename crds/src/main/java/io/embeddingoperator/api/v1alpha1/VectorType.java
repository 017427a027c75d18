package io.embeddingoperator.api.v1alpha1;

/** The column type of an embedding. */
public enum VectorType {
    /** 32-bit floats. */
    Vector(2_000),
    /** 16-bit floats: half the space, nearly the same recall. */
    HalfVector(4_000);

    private final int indexableDimensions;

    VectorType(int indexableDimensions) {
        this.indexableDimensions = indexableDimensions;
    }

    /** The most dimensions that pgvector's HNSW index takes for a column of this type. */
    public int indexableDimensions() {
        return indexableDimensions;
    }
}
