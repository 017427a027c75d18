package io.embeddingoperator.runner.embed;

/** Counts and cuts text as the embedder's model sees it. Safe for concurrent use. */
public interface Tokenizer {
    /** The most tokens of one text, special tokens and prefix included. */
    int maxTokens();

    /** Tokens that every text costs beside its own: special tokens and prefix. */
    int overheadTokens();

    /** The text as it goes into a batch: with special tokens and the document prefix, cut at {@link #maxTokens}. */
    TokenizedText tokenize(String text);

    /** Where the tokens of a text stand in it, without special tokens, prefix and limit. */
    TokenOffsets offsets(String text);
}
