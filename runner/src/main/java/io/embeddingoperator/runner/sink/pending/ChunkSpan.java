package io.embeddingoperator.runner.sink.pending;

import io.embeddingoperator.runner.chunk.Chunk;

/**
 * Where a chunk stands in its document's text, in chars, and what the model counts of it.
 *
 * @param start inclusive and {@code end} exclusive
 * @param truncated whether the content goes on beyond what the model sees
 */
public record ChunkSpan(int start, int end, int tokens, boolean truncated) {
    public ChunkSpan {
        if (start < 0 || end < start || tokens < 0) {
            throw new IllegalArgumentException("chunk from %d to %d with %d tokens".formatted(start, end, tokens));
        }
    }

    public static ChunkSpan of(Chunk chunk) {
        return new ChunkSpan(
                chunk.start(),
                chunk.end(),
                chunk.tokens().length(),
                chunk.tokens().truncated());
    }
}
