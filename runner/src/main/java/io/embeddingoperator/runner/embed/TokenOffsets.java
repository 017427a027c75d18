package io.embeddingoperator.runner.embed;

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

    public int count() {
        return starts.length;
    }
}
