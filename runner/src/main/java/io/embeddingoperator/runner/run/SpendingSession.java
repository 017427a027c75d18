package io.embeddingoperator.runner.run;

/** The time in which a run pays what its embedder costs; closing it keeps what was not kept yet. */
@FunctionalInterface
interface SpendingSession extends AutoCloseable {
    @Override
    void close();
}
