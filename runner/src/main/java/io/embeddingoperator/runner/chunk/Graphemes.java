package io.embeddingoperator.runner.chunk;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import java.util.BitSet;
import java.util.Optional;

/**
 * Where what a reader takes for one character starts in a text: a letter with its accents, a flag, a family of emoji.
 *
 * @param starts of them, in chars; empty where each char stands for itself
 */
record Graphemes(Optional<BitSet> starts) {
    /** No char below joins another one, but for the two of a line end. */
    private static final char FIRST_THAT_JOINS = '\u0300';

    static Graphemes of(String text) {
        if (text.chars().allMatch(c -> c < FIRST_THAT_JOINS)) {
            return new Graphemes(Optional.empty());
        }
        BitSet starts = new BitSet(text.length() + 1);
        BreakIterator characters = BreakIterator.getCharacterInstance(ULocale.ROOT);
        characters.setText(text);
        for (int at = characters.first(); at != BreakIterator.DONE; at = characters.next()) {
            starts.set(at);
        }
        return new Graphemes(Optional.of(starts));
    }

    /** Whether a text that is cut there has whole characters on both sides. */
    boolean startAt(int at) {
        return starts.isEmpty() || starts.get().get(at);
    }
}
