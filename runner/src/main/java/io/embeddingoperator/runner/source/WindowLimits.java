package io.embeddingoperator.runner.source;

import io.embeddingoperator.runner.embed.BatchLimits;

/**
 * When a window is closed.
 *
 * @param documents at the most
 * @param textBytes after which it is closed; its last document may go beyond
 */
public record WindowLimits(int documents, int textBytes) {
    private static final int TEXT_BYTES = 4 * 1024 * 1024;
    private static final int FEWEST_DOCUMENTS = 256;
    private static final int MOST_DOCUMENTS = 4_096;

    public WindowLimits {
        if (documents < 1 || textBytes < 1) {
            throw new IllegalArgumentException(
                    "a window of %d documents and %d bytes: use at least 1 of each".formatted(documents, textBytes));
        }
    }

    /**
     * Windows of some dozens of batches: enough that texts sorted by length need hardly any padding, and few enough that an
     * interrupted runner repeats seconds of work, on a slow embedder with small batches as on a fast one with large ones.
     */
    public static WindowLimits forBatches(BatchLimits batches) {
        return new WindowLimits(Math.clamp(batches.maxTokens() / 4, FEWEST_DOCUMENTS, MOST_DOCUMENTS), TEXT_BYTES);
    }
}
