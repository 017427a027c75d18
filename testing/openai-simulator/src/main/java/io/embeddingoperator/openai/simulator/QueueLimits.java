package io.embeddingoperator.openai.simulator;

/**
 * What may wait in batches of one organisation and model.
 *
 * @param tokens of all batches that have not ended
 * @param requests embedding inputs of all batches that have not ended
 */
public record QueueLimits(long tokens, long requests) {
    /** Of the largest accounts. */
    public static final QueueLimits DEFAULT = new QueueLimits(4_000_000_000L, 1_000_000);
}
