package io.embeddingoperator.runner.embed;

import java.util.Objects;

/**
 * A text, ready for a batch. The array is shared, not copied: nobody writes to it.
 *
 * @param ids of the tokens that the model sees; none for an empty text where there are no special tokens
 * @param truncated whether the text went on beyond them
 */
public record TokenizedText(String text, int[] ids, boolean truncated) {
    public TokenizedText {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(ids, "ids");
    }

    public int length() {
        return ids.length;
    }
}
