package io.embeddingoperator.api.v1alpha1;

/** The type of a metadata column whose values have none of their own. */
public enum MetadataType {
    Text,
    Boolean,
    Integer,
    BigInt,
    Double,
    Numeric,
    UUID,
    /** As 2026-01-31. */
    Date,
    /** As 2026-01-31T12:00:00, without a zone. */
    Timestamp,
    /** As 2026-01-31T12:00:00Z or with any other offset. */
    TimestampTZ,
    /** Any value, arrays and objects included. */
    JSONB
}
