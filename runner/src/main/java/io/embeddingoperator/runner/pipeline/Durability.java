package io.embeddingoperator.runner.pipeline;

/**
 * What a crash of the sink's server may cost. Never a document: a window's rows and its checkpoint are one transaction, and
 * a server recovers transactions in their order, so that what it lost is found missing and done again.
 */
public enum Durability {
    /** Nothing: every window waits until it is safe. For embedders that are paid for each text. */
    EVERY_WINDOW,
    /**
     * The work of less than a second: windows do not wait for the disk, and the shard's end waits for all of them. Where
     * the server is told to wait for standbys, each window does so all the same, or the standbys would fall behind.
     */
    EVERY_SHARD
}
