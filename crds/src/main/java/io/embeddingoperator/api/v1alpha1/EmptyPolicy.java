package io.embeddingoperator.api.v1alpha1;

/** What happens to rows whose document has no text any more. */
public enum EmptyPolicy {
    /** They stay, and the document counts as failed. */
    Keep,
    /** They are removed like those of a document that is gone, and the document does not count as failed. */
    Delete
}
