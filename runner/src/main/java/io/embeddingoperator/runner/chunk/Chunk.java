package io.embeddingoperator.runner.chunk;

import io.embeddingoperator.runner.embed.TokenizedText;

/**
 * A part of a document that gets a vector of its own: where it stands, and what the model counts of it.
 *
 * @param index from 0 within the document
 * @param start inclusive and {@code end} exclusive: where its content stands in the document's text, in chars
 * @param tokens that the model sees
 * @param truncated whether the content goes on beyond them
 * @param mostlyUnknown whether at least half of the content's own tokens are unknown to the model
 */
public record Chunk(int index, int start, int end, int tokens, boolean truncated, boolean mostlyUnknown) {
    public Chunk {
        if (index < 0 || start < 0 || end < start || tokens < 0) {
            throw new IllegalArgumentException(
                    "chunk %d from %d to %d with %d tokens".formatted(index, start, end, tokens));
        }
    }

    public static Chunk of(int index, TokenizedText text) {
        return new Chunk(index, text.start(), text.end(), text.length(), text.truncated(), text.mostlyUnknown());
    }

    /** @param text of its document */
    public String content(String text) {
        return text.substring(start, end);
    }
}
