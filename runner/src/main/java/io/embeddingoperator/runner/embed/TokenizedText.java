package io.embeddingoperator.runner.embed;

import java.util.Objects;

/**
 * A text, ready for a batch. The array is shared, not copied: nobody writes to it.
 *
 * @param ids of the tokens that the model sees
 * @param truncated whether the text went on beyond them
 */
public record TokenizedText(String text, int[] ids, boolean truncated) {
    public TokenizedText {
        Objects.requireNonNull(text, "text");
        if (ids.length == 0) {
            throw new IllegalArgumentException("a tokenized text has at least its special tokens");
        }
    }

    public int length() {
        return ids.length;
    }
}
