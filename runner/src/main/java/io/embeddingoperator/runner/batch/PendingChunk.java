package io.embeddingoperator.runner.batch;

import io.embeddingoperator.runner.chunk.Chunk;
import java.util.Objects;

/**
 * A chunk that waits for its vector.
 *
 * @param document its document's place in the window
 */
public record PendingChunk(int document, Chunk chunk) {
    public PendingChunk {
        Objects.requireNonNull(chunk, "chunk");
        if (chunk.tokens().length() == 0) {
            throw new IllegalArgumentException("a chunk without tokens has no vector to wait for");
        }
    }

    public int tokens() {
        return chunk.tokens().length();
    }
}
