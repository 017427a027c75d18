package io.embeddingoperator.runner.postgres;

import java.util.Optional;

/** Which texts PostgreSQL can store: no NUL, and surrogates in pairs alone. */
public final class StorableText {
    private static final char REPLACEMENT = '\uFFFD';

    private StorableText() {}

    /** What is wrong with the text, or empty when it can be stored. */
    public static Optional<String> refusal(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\0') {
                return Optional.of("holds a NUL character at position %d, which PostgreSQL cannot store".formatted(i));
            }
            if (isLoneSurrogate(text, i)) {
                return Optional.of("holds half of a surrogate pair (\\u%04x) at position %d, which is no character"
                        .formatted((int) c, i));
            }
            if (Character.isHighSurrogate(c)) {
                i++;
            }
        }
        return Optional.empty();
    }

    /** The text with everything that cannot be stored replaced by U+FFFD. */
    public static String replaced(String text) {
        StringBuilder storable = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) ? REPLACEMENT : c)
                .forEach(storable::appendCodePoint);
        return storable.toString();
    }

    private static boolean isLoneSurrogate(String text, int i) {
        char c = text.charAt(i);
        return Character.isLowSurrogate(c)
                || (Character.isHighSurrogate(c)
                        && (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))));
    }
}
