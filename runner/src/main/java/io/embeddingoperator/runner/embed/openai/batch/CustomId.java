package io.embeddingoperator.runner.embed.openai.batch;

import java.util.OptionalInt;

/** Leads a line back to its document: the batch and the document's place in it. */
final class CustomId {
    /** Digits of the last place that a file can have. */
    private static final int MOST_DIGITS =
            Integer.toString(BatchFileLimits.INPUTS - 1).length();

    private CustomId() {}

    static String of(String batch, int ordinal) {
        return batch + "-" + ordinal;
    }

    /** The longest that a batch of this name has. */
    static String longest(String batch) {
        return batch + "-" + "9".repeat(MOST_DIGITS);
    }

    /** Empty where the line is none of this batch. */
    static OptionalInt ordinal(String batch, String customId) {
        int digits = customId == null ? 0 : customId.length() - batch.length() - 1;
        if (digits < 1
                || digits > MOST_DIGITS
                || !customId.startsWith(batch)
                || customId.charAt(batch.length()) != '-') {
            return OptionalInt.empty();
        }
        int ordinal = 0;
        for (int i = batch.length() + 1; i < customId.length(); i++) {
            char digit = customId.charAt(i);
            if (digit < '0' || digit > '9') {
                return OptionalInt.empty();
            }
            ordinal = 10 * ordinal + digit - '0';
        }
        return OptionalInt.of(ordinal);
    }
}
