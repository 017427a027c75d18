package io.embeddingoperator.runner.chunk;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A text with the places of its tokens and the strength of the boundary in front of each. The text is tokenized once, in
 * pieces: what a tokenizer allocates for a token is many times the token itself.
 */
final class TokenizedDocument {
    /** Chars of a piece that goes to the tokenizer at once. */
    private static final int PIECE_CHARS = 64 * 1024;

    private final String text;
    private final Tokenizer tokenizer;
    private int[] starts;
    private int[] ends;
    private int tokens;
    private Boundary @Nullable [] before;

    private @Nullable Graphemes graphemes;

    TokenizedDocument(String text, Tokenizer tokenizer) {
        this.text = text;
        this.tokenizer = tokenizer;
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

    /**
     * Where the text is cut in front of token {@code index}, or behind the last one. What holds no token, such as the accents that
     * a model leaves out, goes with the token before it.
     */
    int cut(int index) {
        if (index == 0) {
            return 0;
        }
        return index == tokens ? text.length() : starts[index];
    }

    /** The part of the text between two tokens, without the white space around it, as a text of its own is tokenized. */
    TokenizedText part(int from, int to) {
        int start = cut(from);
        int end = cut(to);
        while (start < end && isWhiteSpaceAlone(start)) {
            start++;
        }
        while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return tokenizer.tokenize(text.substring(start, end)).within(text, start);
    }

    /** Not so of a space that bears an accent. */
    private boolean isWhiteSpaceAlone(int at) {
        return Character.isWhitespace(text.charAt(at))
                && (graphemes().startAt(at + 1) || Character.isWhitespace(text.charAt(at + 1)));
    }

    /** The strongest boundary between token {@code index} and the one before it. */
    Boundary before(int index) {
        if (before == null) {
            before = boundaries();
        }
        return before[index];
    }

    /**
     * The last token up to {@code most}, and behind {@code covered}, in front of which a character ends; where there is none, in front
     * of which a code point does.
     */
    OptionalInt lastCut(int most, int covered) {
        OptionalInt inCharacter = OptionalInt.empty();
        for (int at = most; at > covered; at--) {
            if (before(at).compareTo(Boundary.CODE_POINT) > 0) {
                return OptionalInt.of(at);
            }
            if (inCharacter.isEmpty() && before(at) == Boundary.CODE_POINT) {
                inCharacter = OptionalInt.of(at);
            }
        }
        return inCharacter;
    }

    /** The first token behind {@code index} in front of which a code point ends, or the number of tokens. */
    int nextCut(int index) {
        int at = index + 1;
        while (at < tokens && before(at) == Boundary.NONE) {
            at++;
        }
        return at;
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

    private Graphemes graphemes() {
        if (graphemes == null) {
            graphemes = Graphemes.of(text);
        }
        return graphemes;
    }

    private Boundary[] boundaries() {
        Boundary[] found = new Boundary[tokens];
        Arrays.fill(found, Boundary.TOKEN);
        mark(found, BreakIterator.getWordInstance(ULocale.ROOT), Boundary.WORD);
        mark(found, BreakIterator.getSentenceInstance(ULocale.ROOT), Boundary.SENTENCE);
        for (int i = 1; i < tokens; i++) {
            int newlines = newlinesBetween(ends[i - 1], starts[i]);
            if (newlines > 0) {
                found[i] = newlines > 1 ? Boundary.PARAGRAPH : Boundary.LINE;
            }
        }
        markInsideOfCharacters(found);
        return found;
    }

    private void markInsideOfCharacters(Boundary[] found) {
        int end = 0;
        for (int i = 0; i < tokens; i++) {
            if (starts[i] < end) {
                found[i] = Boundary.NONE;
            } else if (!graphemes().startAt(starts[i])) {
                found[i] = Boundary.CODE_POINT;
            }
            end = Math.max(end, ends[i]);
        }
    }

    private void mark(Boundary[] found, BreakIterator breaks, Boundary boundary) {
        breaks.setText(text);
        int token = 0;
        for (int at = breaks.first(); at != BreakIterator.DONE; at = breaks.next()) {
            while (token < tokens && starts[token] < at) {
                token++;
            }
            if (token < tokens && (token == 0 || ends[token - 1] <= at)) {
                found[token] = boundary;
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
