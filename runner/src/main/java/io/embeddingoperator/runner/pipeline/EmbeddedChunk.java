package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.chunk.Chunk;
import java.util.Objects;

/**
 * A chunk with its vector. The array is shared, not copied: it is never written to.
 *
 * @param index from 0 within the document
 * @param start inclusive and {@code end} exclusive: where its content stands in the document's text, in chars
 * @param tokens that the model saw
 * @param truncated whether the content went on beyond them
 * @param mostlyUnknown whether at least half of the content's own tokens are unknown to the model
 */
public record EmbeddedChunk(
        int index,
        int start,
        int end,
        String content,
        int tokens,
        boolean truncated,
        boolean mostlyUnknown,
        float[] vector) {
    public EmbeddedChunk {
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(vector, "vector");
    }

    public EmbeddedChunk(Chunk chunk, float[] vector) {
        this(
                chunk.index(),
                chunk.start(),
                chunk.end(),
                chunk.content(),
                chunk.tokens().length(),
                chunk.tokens().truncated(),
                chunk.tokens().mostlyUnknown(),
                vector);
    }
}
