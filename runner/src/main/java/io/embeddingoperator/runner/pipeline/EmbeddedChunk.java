package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.chunk.Chunk;
import java.util.Objects;

/** A chunk with its vector. The array is shared, not copied: it is never written to. */
public record EmbeddedChunk(Chunk chunk, float[] vector) {
    public EmbeddedChunk {
        Objects.requireNonNull(chunk, "chunk");
        Objects.requireNonNull(vector, "vector");
    }
}
