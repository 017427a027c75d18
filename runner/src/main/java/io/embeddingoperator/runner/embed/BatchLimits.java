package io.embeddingoperator.runner.embed;

/**
 * What one call of an embedder takes.
 *
 * @param maxTokens of a batch, padding included: texts × tokens of the longest
 * @param maxTexts of a batch
 */
public record BatchLimits(int maxTokens, int maxTexts) {
    public BatchLimits {
        if (maxTokens < 1 || maxTexts < 1) {
            throw new IllegalArgumentException(
                    "a batch of %d tokens and %d texts: use at least 1 of each".formatted(maxTokens, maxTexts));
        }
    }
}
