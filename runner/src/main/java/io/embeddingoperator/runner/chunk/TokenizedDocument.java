package io.embeddingoperator.runner.chunk;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.Arrays;

/**
 * A text with the places of its tokens and the strength of the boundary in front of each. The text is tokenized once, in
 * pieces: what a tokenizer allocates for a token is many times the token itself.
 */
final class TokenizedDocument {
    /** Chars of a piece that goes to the tokenizer at once. */
    private static final int PIECE_CHARS = 64 * 1024;

    private final String text;
    private int[] starts;
    private int[] ends;
    private int tokens;
    private Boundary[] before;

    TokenizedDocument(String text, Tokenizer tokenizer) {
        this.text = text;
        int expected = text.length() / 4 + 16;
        starts = new int[expected];
        ends = new int[expected];
        for (int from = 0; from < text.length(); ) {
            int to = endOfPiece(from);
            append(tokenizer.offsets(text.substring(from, to)), from);
            from = to;
        }
    }

    int tokens() {
        return tokens;
    }

    /** Where token {@code index} starts in the text. */
    int start(int index) {
        return starts[index];
    }

    /** Where token {@code index} ends in the text, exclusive. */
    int end(int index) {
        return ends[index];
    }

    /** The strongest boundary between token {@code index} and the one before it. */
    Boundary before(int index) {
        if (before == null) {
            findBoundaries();
        }
        return before[index];
    }

    /** Pieces end behind white space where there is some, and never inside a surrogate pair. */
    private int endOfPiece(int from) {
        if (text.length() - from <= PIECE_CHARS) {
            return text.length();
        }
        int limit = from + PIECE_CHARS;
        for (int at = limit; at > from + PIECE_CHARS / 2; at--) {
            if (Character.isWhitespace(text.charAt(at - 1))) {
                return at;
            }
        }
        return Character.isLowSurrogate(text.charAt(limit)) ? limit - 1 : limit;
    }

    private void append(TokenOffsets offsets, int shift) {
        int needed = tokens + offsets.count();
        if (needed > starts.length) {
            int capacity = Math.max(needed, starts.length + starts.length / 2);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
        }
        for (int i = 0; i < offsets.count(); i++) {
            starts[tokens] = offsets.starts()[i] + shift;
            ends[tokens] = offsets.ends()[i] + shift;
            tokens++;
        }
    }

    private void findBoundaries() {
        before = new Boundary[tokens];
        Arrays.fill(before, Boundary.TOKEN);
        mark(BreakIterator.getWordInstance(ULocale.ROOT), Boundary.WORD);
        mark(BreakIterator.getSentenceInstance(ULocale.ROOT), Boundary.SENTENCE);
        for (int i = 1; i < tokens; i++) {
            int newlines = newlinesBetween(ends[i - 1], starts[i]);
            if (newlines > 0) {
                before[i] = newlines > 1 ? Boundary.PARAGRAPH : Boundary.LINE;
            }
        }
    }

    private void mark(BreakIterator breaks, Boundary boundary) {
        breaks.setText(text);
        int token = 0;
        for (int at = breaks.first(); at != BreakIterator.DONE; at = breaks.next()) {
            while (token < tokens && starts[token] < at) {
                token++;
            }
            if (token < tokens && (token == 0 || ends[token - 1] <= at)) {
                before[token] = boundary;
            }
        }
    }

    /** Line ends in a gap between tokens; {@code \r\n} counts once. */
    private int newlinesBetween(int from, int to) {
        int newlines = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c == '\n' || (c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n'))) {
                newlines++;
            }
        }
        return newlines;
    }
}
