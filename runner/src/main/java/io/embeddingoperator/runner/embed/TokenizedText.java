package io.embeddingoperator.runner.embed;

import java.util.Objects;

/**
 * A part of a text, ready for a batch. Neither the text nor the array is copied: the array is never written to.
 *
 * @param whole the text that it is a part of
 * @param start inclusive and {@code end} exclusive: where it stands in the whole text, in chars
 * @param ids of the tokens that the model sees; none for an empty text where there are no special tokens
 * @param truncated whether the part goes on beyond them
 * @param mostlyUnknown whether at least half of the part's own tokens stand for what the model's vocabulary lacks, so that its
 *     vector says little of the text
 */
public record TokenizedText(String whole, int start, int end, int[] ids, boolean truncated, boolean mostlyUnknown) {
    public TokenizedText {
        Objects.requireNonNull(whole, "whole");
        Objects.requireNonNull(ids, "ids");
        if (start < 0 || end < start || end > whole.length()) {
            throw new IllegalArgumentException(
                    "from %d to %d of a text of %d chars".formatted(start, end, whole.length()));
        }
    }

    /** All of a text. */
    public TokenizedText(String text, int[] ids, boolean truncated, boolean mostlyUnknown) {
        this(text, 0, text.length(), ids, truncated, mostlyUnknown);
    }

    /** All of a text of which the vocabulary lacks nothing. */
    public TokenizedText(String text, int[] ids, boolean truncated) {
        this(text, ids, truncated, false);
    }

    /** The same as a part of a longer text, which reads the same from there on. */
    public TokenizedText within(String longer, int from) {
        return new TokenizedText(longer, from, from + end - start, ids, truncated, mostlyUnknown);
    }

    public String text() {
        return whole.substring(start, end);
    }

    public int length() {
        return ids.length;
    }
}
