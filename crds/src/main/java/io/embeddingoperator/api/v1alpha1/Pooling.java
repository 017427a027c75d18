package io.embeddingoperator.api.v1alpha1;

/** How token vectors become the vector of a text. Tokens are those of the attention mask. */
public enum Pooling {
    /** The mean over the tokens. */
    Mean,
    /** The first token. */
    CLS,
    /** The last token. */
    LastToken,
    /** The greatest value of each dimension. */
    Max,
    /** The mean over the tokens, in which the first token counts once, the second twice, and so on. */
    WeightedMean,
    /** The sum over the tokens, divided by the square root of their number. */
    MeanSqrtLength
}
