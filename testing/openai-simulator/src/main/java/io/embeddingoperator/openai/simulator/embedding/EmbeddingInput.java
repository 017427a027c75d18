package io.embeddingoperator.openai.simulator.embedding;

import java.nio.charset.StandardCharsets;

/**
 * One input of a request.
 *
 * @param text what it says, also where it came as tokens
 * @param tokens what is billed
 */
public record EmbeddingInput(byte[] text, int tokens) {
    static EmbeddingInput of(String text) {
        return new EmbeddingInput(text.getBytes(StandardCharsets.UTF_8), Tokens.count(text));
    }

    static EmbeddingInput of(int[] tokens) {
        return new EmbeddingInput(Tokens.text(tokens), tokens.length);
    }

    EmbeddingInput cutTo(int maxTokens) {
        return new EmbeddingInput(text, Math.min(tokens, maxTokens));
    }

    public String words() {
        return new String(text, StandardCharsets.UTF_8);
    }
}
