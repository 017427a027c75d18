package io.embeddingoperator.runner.postgres;

/** What a process does with a database. */
public enum Access {
    /** No transaction of it can write. */
    READS,
    WRITES
}
