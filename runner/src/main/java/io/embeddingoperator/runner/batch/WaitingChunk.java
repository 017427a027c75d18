package io.embeddingoperator.runner.batch;

import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.Objects;

/**
 * A chunk that waits for its vector.
 *
 * @param document its document's place in the window
 * @param index from 0 within the document
 */
public record WaitingChunk(int document, int index, TokenizedText text) {
    public WaitingChunk {
        Objects.requireNonNull(text, "text");
        if (text.length() == 0) {
            throw new IllegalArgumentException("a chunk without tokens has no vector to wait for");
        }
    }

    public int tokens() {
        return text.length();
    }
}
