package io.embeddingoperator.runner.chunk;

import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.Objects;

/**
 * A part of a document that gets a vector of its own.
 *
 * @param index from 0 within the document
 * @param start inclusive and {@code end} exclusive: where its content stands in the document's text, in chars
 */
public record Chunk(int index, int start, int end, TokenizedText tokens) {
    public Chunk {
        Objects.requireNonNull(tokens, "tokens");
        if (index < 0 || start < 0 || end < start) {
            throw new IllegalArgumentException("chunk %d from %d to %d".formatted(index, start, end));
        }
    }

    public String content() {
        return tokens.text();
    }
}
