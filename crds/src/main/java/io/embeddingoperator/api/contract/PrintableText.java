package io.embeddingoperator.api.contract;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Words of others (servers, documents, file names, keys) made fit for a terminal, a log line, an event or a status: one line
 * in which nothing moves the cursor, changes colours, reverses the order of reading or hides.
 */
public final class PrintableText {
    /** Control characters, invisible ones, line and paragraph ends, private ones and halves of surrogate pairs. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}]");

    /** Persian words and emoji need these two, which join characters or keep them apart. */
    private static final String JOINERS = "\u200C\u200D";

    private static final String WHITE_SPACE = "\t\n\r\u000B\f\u0085\u2028\u2029";

    private PrintableText() {}

    /** White space becomes a blank, and each other unprintable character its number, such as {@code \x1B}. */
    public static String of(String words) {
        Matcher unprintable = UNPRINTABLE.matcher(words);
        return unprintable.find()
                ? unprintable.replaceAll(found -> Matcher.quoteReplacement(shown(found.group())))
                : words;
    }

    /** As {@link #of(String)}; null stays null. */
    public static @Nullable String ofNullable(@Nullable String words) {
        return words == null ? null : of(words);
    }

    /** As {@link #of(String)}, with no more than so many characters. */
    public static String of(String words, int maxLength) {
        // What is cut off need not be made printable; what is kept may grow by it.
        String line = of(words.length() > maxLength ? words.substring(0, maxLength) : words);
        if (line.length() <= maxLength && words.length() <= maxLength) {
            return line;
        }
        int end = Math.min(line.length(), maxLength - 1);
        return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    /** As {@link #of(String, int)}; null stays null. */
    public static @Nullable String ofNullable(@Nullable String words, int maxLength) {
        return words == null ? null : of(words, maxLength);
    }

    private static String shown(String character) {
        if (JOINERS.contains(character)) {
            return character;
        }
        if (WHITE_SPACE.contains(character)) {
            return " ";
        }
        int code = character.codePointAt(0);
        return code <= 0xFF ? "\\x%02X".formatted(code) : "\\u%04X".formatted(code);
    }
}
