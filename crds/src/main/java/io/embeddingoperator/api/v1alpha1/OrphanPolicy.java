package io.embeddingoperator.api.v1alpha1;

/** What happens to rows whose document is gone from the source. */
public enum OrphanPolicy {
    Keep,
    Delete
}
