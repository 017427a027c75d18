package io.embeddingoperator.api.v1alpha1;

/** How a table gets the vectors of another model, which mean nothing beside those that it holds. */
public enum TableReplacement {
    /** In the table itself, and therefore not as long as it holds vectors of another model: such a run is refused. */
    InPlace,
    /** A table beside it is filled and indexed while searches go on, and takes its place and name in one transaction. */
    Swap
}
