package io.embeddingoperator.bench.pacing;

/** A process that has texts without end. */
interface Client {
    void start();
}
