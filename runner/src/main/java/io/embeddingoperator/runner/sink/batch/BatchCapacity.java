package io.embeddingoperator.runner.sink.batch;

/**
 * What the next batch may hold at the most.
 *
 * @param inputs chunks over all documents
 * @param tokens over all documents
 * @param bytes of its file
 */
public record BatchCapacity(int inputs, long tokens, long bytes) {
    public BatchCapacity {
        if (inputs < 0 || tokens < 0 || bytes < 0) {
            throw new IllegalArgumentException(
                    "a batch of %d inputs, %d tokens and %d bytes".formatted(inputs, tokens, bytes));
        }
    }
}
