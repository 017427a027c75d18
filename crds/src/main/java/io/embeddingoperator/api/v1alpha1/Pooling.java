package io.embeddingoperator.api.v1alpha1;

/** How token vectors become the vector of a text. */
public enum Pooling {
    /** The mean over the tokens of the attention mask. */
    Mean,
    /** The first token. */
    CLS,
    /** The last token of the attention mask. */
    LastToken
}
