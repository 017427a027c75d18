package io.embeddingoperator.runner.source;

/** What a source can count before it is read. */
public enum WorkUnit {
    DOCUMENTS,
    BYTES
}
