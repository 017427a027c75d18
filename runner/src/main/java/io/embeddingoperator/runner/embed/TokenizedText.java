package io.embeddingoperator.runner.embed;

import java.util.Objects;

/**
 * A text, ready for a batch. The array is shared, not copied: it is never written to.
 *
 * @param ids of the tokens that the model sees; none for an empty text where there are no special tokens
 * @param truncated whether the text went on beyond them
 * @param mostlyUnknown whether at least half of the text's own tokens stand for what the model's vocabulary lacks, so that its
 *     vector says little of the text
 */
public record TokenizedText(String text, int[] ids, boolean truncated, boolean mostlyUnknown) {
    public TokenizedText {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(ids, "ids");
    }

    /** A text of which the vocabulary lacks nothing. */
    public TokenizedText(String text, int[] ids, boolean truncated) {
        this(text, ids, truncated, false);
    }

    public int length() {
        return ids.length;
    }
}
