package io.embeddingoperator.runner.embed.onnx.settings;

import java.util.Optional;

/**
 * What a model is shown of a text.
 *
 * @param maxTokens of one text, special tokens and prefix included
 * @param asChunksNeed whether maxTokens follows the chunks that texts come in, so that it cuts none of them
 * @param queryTokens the most tokens of a search text, which may be longer than a chunk
 * @param prefix put before a document
 * @param queryPrefix put before a search text
 * @param lowerCase whether texts are written in lower case before the tokenizer sees them
 * @param opening the token before every text, where the tokenizer's own file may leave it out
 * @param closing the token behind every text, likewise
 */
public record TextSettings(
        Stated<Integer> maxTokens,
        boolean asChunksNeed,
        Stated<Integer> queryTokens,
        Stated<String> prefix,
        Stated<String> queryPrefix,
        boolean lowerCase,
        Optional<Stated<String>> opening,
        Optional<Stated<String>> closing) {
    /** The same for search texts. */
    public TextSettings ofQueries() {
        return new TextSettings(queryTokens, false, queryTokens, prefix, queryPrefix, lowerCase, opening, closing);
    }
}
