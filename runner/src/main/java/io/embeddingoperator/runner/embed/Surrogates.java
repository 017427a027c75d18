package io.embeddingoperator.runner.embed;

/** Between Java's chars, where some characters take two, and the tokenizer's code points. */
public final class Surrogates {
    private static final int[] NONE = {};
    private static final char REPLACEMENT = '\uFFFD';

    private Surrogates() {}

    /**
     * The text with every half of a pair that stands alone replaced, so that it has a form in UTF-8; the same
     * length.
     */
    public static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isSurrogate(text.charAt(i))) {
                continue;
            }
            if (isPair(text, i)) {
                i++;
            } else {
                repaired = repaired == null ? new StringBuilder(text) : repaired;
                repaired.setCharAt(i, REPLACEMENT);
            }
        }
        return repaired == null ? text : repaired.toString();
    }

    /** The char index of each code point and of the end; empty when they are the same numbers. */
    public static int[] charsOfCodePoints(String text) {
        int codePoints = text.codePointCount(0, text.length());
        if (codePoints == text.length()) {
            return NONE;
        }
        int[] chars = new int[codePoints + 1];
        int at = 0;
        for (int i = 0; i < codePoints; i++) {
            chars[i] = at;
            at += Character.charCount(text.codePointAt(at));
        }
        chars[codePoints] = at;
        return chars;
    }

    private static boolean isPair(String text, int i) {
        return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
    }
}
