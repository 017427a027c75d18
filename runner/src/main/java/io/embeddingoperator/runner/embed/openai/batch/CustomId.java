package io.embeddingoperator.runner.embed.openai.batch;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leads a line back to its document: the batch and the document's place in it, and where each text has a line of its own, the text's
 * place in the document. All have the same length.
 */
public final class CustomId {
    private static final int DIGITS = 5;

    /** As many as {@link BatchFileLimits#LINE_INPUTS} has, and the dash before them. */
    private static final Pattern OF_TEXT = Pattern.compile("(.+)-(\\d{4})");

    /** As long as the ids of batches are: what is measured before a batch has one is exact. */
    private static final String SOME_BATCH = "eb" + "0".repeat(20);

    private CustomId() {}

    public static String of(String batch, int ordinal) {
        return batch + "-" + String.format(Locale.ROOT, "%0" + DIGITS + "d", ordinal);
    }

    /** Of one text of a document. */
    static String ofText(String document, int place) {
        return document + "-" + String.format(Locale.ROOT, "%04d", place);
    }

    /** The document's own, of that of one of its texts; empty where it is none. */
    static Optional<String> document(String ofText) {
        return Optional.of(OF_TEXT.matcher(ofText)).filter(Matcher::matches).map(matched -> matched.group(1));
    }

    /** The text's place in its document. */
    static int place(String ofText) {
        return Integer.parseInt(ofText.substring(ofText.lastIndexOf('-') + 1));
    }

    /** One of a batch that is not there yet. */
    static String measure() {
        return of(SOME_BATCH, 0);
    }

    /** Empty where the line is none of this batch. */
    public static OptionalInt ordinal(String batch, String customId) {
        if (customId == null
                || customId.length() != batch.length() + 1 + DIGITS
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
