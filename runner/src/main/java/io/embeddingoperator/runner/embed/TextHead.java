package io.embeddingoperator.runner.embed;

/**
 * How much of a long text is tokenized when only its first tokens count. The head ends at white space, where tokenizers
 * divide a text in any case, and must give more tokens than needed, so that none of those that are kept stands near the
 * cut: the ids are those of the whole text.
 */
public final class TextHead {
    private static final int CHARS_PER_TOKEN = 16;
    private static final int SPARE_TOKENS = 64;
    private static final int GROWTH = 4;
    private static final int MOST_CHARS = 1024 * 1024;

    private final int maxTokens;
    private final int mostChars;

    public TextHead(int maxTokens) {
        this.maxTokens = maxTokens;
        mostChars = (int) Math.min(Integer.MAX_VALUE, Math.max(MOST_CHARS, start(maxTokens)));
    }

    /** Chars to begin with: all of an ordinary text. */
    public int first(String text) {
        return atWhiteSpace(text, start(maxTokens));
    }

    /** Chars of the next try. */
    public int next(String text, int chars) {
        return atWhiteSpace(text, Math.min(mostChars, (long) chars * GROWTH));
    }

    /** Whether so many tokens hold every token that is kept, with some to spare. */
    public boolean suffices(int tokens) {
        return tokens >= (long) maxTokens + SPARE_TOKENS;
    }

    /**
     * Whether no more is tried: a text of which a million chars give too few tokens (one endless word, or nothing but
     * spaces) counts as cut there, so that memory stays bounded.
     */
    public boolean isLast(int chars) {
        return chars >= mostChars / 2;
    }

    private static long start(int maxTokens) {
        return (long) (maxTokens + SPARE_TOKENS) * CHARS_PER_TOKEN;
    }

    private static int atWhiteSpace(String text, long limit) {
        if (text.length() <= limit) {
            return text.length();
        }
        int most = (int) limit;
        for (int i = most; i > most / 2; i--) {
            if (Character.isWhitespace(text.charAt(i))) {
                return i;
            }
        }
        return Character.isLowSurrogate(text.charAt(most)) ? most - 1 : most;
    }
}
