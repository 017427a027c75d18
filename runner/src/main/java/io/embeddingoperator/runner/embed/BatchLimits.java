package io.embeddingoperator.runner.embed;

/**
 * What one call of an embedder takes.
 *
 * @param maxTokens of a batch, padding included: texts × tokens of the longest
 * @param maxTexts of a batch
 */
public record BatchLimits(int maxTokens, int maxTexts) {
    private static final int FEWEST_WINDOW_DOCUMENTS = 256;
    private static final int MOST_WINDOW_DOCUMENTS = 4_096;

    public BatchLimits {
        if (maxTokens < 1 || maxTexts < 1) {
            throw new IllegalArgumentException(
                    "a batch of %d tokens and %d texts: use at least 1 of each".formatted(maxTokens, maxTexts));
        }
    }

    /**
     * How many documents a window needs for some dozens of batches: enough that texts sorted by length are hardly padded, and
     * few enough that an interrupted runner repeats seconds of work, on a slow embedder with small batches as on a fast one.
     */
    public int windowDocuments() {
        return Math.clamp(maxTokens / 4, FEWEST_WINDOW_DOCUMENTS, MOST_WINDOW_DOCUMENTS);
    }
}
