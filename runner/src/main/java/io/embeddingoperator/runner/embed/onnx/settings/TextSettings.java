package io.embeddingoperator.runner.embed.onnx.settings;

import java.util.Optional;

/**
 * What a model is shown of a text.
 *
 * @param maxTokens of one text, special tokens and prefix included
 * @param asChunksNeed whether maxTokens follows the chunks that texts come in, so that it cuts none of them
 * @param prefix put before a document
 * @param queryPrefix put before a search text
 * @param lowerCase whether texts are written in lower case before the tokenizer sees them
 * @param opening the token before every text, where the tokenizer's own file may leave it out
 * @param closing the token behind every text, likewise
 */
public record TextSettings(
        Stated<Integer> maxTokens,
        boolean asChunksNeed,
        Stated<String> prefix,
        Stated<String> queryPrefix,
        boolean lowerCase,
        Optional<Stated<String>> opening,
        Optional<Stated<String>> closing) {}
