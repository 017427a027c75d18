package io.embeddingoperator.runner.embed;

import java.util.Objects;

/**
 * What one call of an embedder takes.
 *
 * @param maxTokens of a batch; where texts are padded, texts × tokens of the longest
 * @param maxTexts of a batch
 * @param packing what a batch costs
 */
public record BatchLimits(int maxTokens, int maxTexts, Packing packing) {
    private static final int FEWEST_WINDOW_DOCUMENTS = 256;
    private static final int MOST_WINDOW_DOCUMENTS = 4_096;
    private static final int UNPADDED_WINDOW_DOCUMENTS = 1_024;

    public BatchLimits {
        Objects.requireNonNull(packing, "packing");
        if (maxTokens < 1 || maxTexts < 1) {
            throw new IllegalArgumentException(
                    "a batch of %d tokens and %d texts: use at least 1 of each".formatted(maxTokens, maxTexts));
        }
    }

    /** For an embedder that pads. */
    public BatchLimits(int maxTokens, int maxTexts) {
        this(maxTokens, maxTexts, Packing.PADDED);
    }

    /**
     * How many documents a window needs for some dozens of batches: enough that texts sorted by length are hardly padded, and
     * few enough that an interrupted runner repeats seconds of work, on a slow embedder with small batches as on a fast one. Where
     * nothing is padded, a window need not be larger than what a request takes.
     */
    public int windowDocuments() {
        return switch (packing) {
            case PADDED -> Math.clamp(maxTokens / 4, FEWEST_WINDOW_DOCUMENTS, MOST_WINDOW_DOCUMENTS);
            case SUMMED -> UNPADDED_WINDOW_DOCUMENTS;
        };
    }
}
