package io.embeddingoperator.runner.source.files;

/**
 * One pass over a text.
 *
 * @param bytes as UTF-8
 * @param flaw the first character that PostgreSQL cannot hold (NUL, half of a surrogate pair), or -1
 * @param blank whether there is nothing but white space
 */
record TextScan(long bytes, int flaw, boolean blank) {
    static TextScan of(String text) {
        long bytes = 0;
        int flaw = -1;
        boolean blank = true;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            blank = blank && Character.isWhitespace(c);
            if (c < 0x80) {
                bytes++;
                if (c == 0 && flaw < 0) {
                    flaw = i;
                }
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                bytes += 3;
                if (flaw < 0) {
                    flaw = i;
                }
            }
        }
        return new TextScan(bytes, flaw, blank);
    }

    boolean flawed() {
        return flaw >= 0;
    }
}
