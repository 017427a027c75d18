package io.embeddingoperator.runner.embed.openai.batch;

/**
 * How many texts the next batch of a shard gets. A file that the provider refuses as a whole costs nothing, and does not always
 * say which line is at fault: its documents are divided among smaller ones until the guilty one stands alone, and that one is
 * embedded by a request, which tells what is wrong with it.
 */
final class BatchSize {
    private int inputs = BatchFileLimits.INPUTS;

    /** 0 when the next document is to be embedded by a request. */
    synchronized int inputs() {
        return inputs;
    }

    /** A batch of so many texts was refused. */
    synchronized void refused(int texts) {
        inputs = Math.min(inputs, texts / 2);
    }

    /** The provider works on a batch, or a document was embedded by a request. */
    synchronized void accepted() {
        inputs = Math.clamp(2L * inputs, 1, BatchFileLimits.INPUTS);
    }
}
