package io.embeddingoperator.runner.embed;

import java.util.stream.IntStream;

/**
 * Tokens as ranges of a text's chars (UTF-16 units, as String counts), in the order of the text.
 *
 * @param starts inclusive, one a token
 * @param ends exclusive, one a token
 */
public record TokenOffsets(int[] starts, int[] ends) {
    public TokenOffsets {
        if (starts.length != ends.length) {
            throw new IllegalArgumentException("%d starts and %d ends".formatted(starts.length, ends.length));
        }
    }

    /** Whether a text has a token that stands for something in it. */
    public boolean holdText() {
        return IntStream.range(0, count()).anyMatch(i -> starts[i] < ends[i]);
    }

    public int count() {
        return starts.length;
    }
}
