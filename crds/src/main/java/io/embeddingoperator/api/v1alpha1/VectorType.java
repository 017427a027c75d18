package io.embeddingoperator.api.v1alpha1;

/** The column type of an embedding. */
public enum VectorType {
    /** 32-bit floats. */
    Vector(2_000, 4),
    /** 16-bit floats: half the space, nearly the same recall. */
    HalfVector(4_000, 2);

    private final int indexableDimensions;
    private final int bytesPerDimension;

    VectorType(int indexableDimensions, int bytesPerDimension) {
        this.indexableDimensions = indexableDimensions;
        this.bytesPerDimension = bytesPerDimension;
    }

    /** The most dimensions that pgvector's HNSW index takes for a column of this type. */
    public int indexableDimensions() {
        return indexableDimensions;
    }

    /** What a number of a vector takes in the column. */
    public int bytesPerDimension() {
        return bytesPerDimension;
    }
}
