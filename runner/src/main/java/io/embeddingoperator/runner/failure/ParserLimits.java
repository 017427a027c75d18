package io.embeddingoperator.runner.failure;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.util.Locale;

/** What the parsers of JSON and YAML take, and how a text that has more is spoken of. */
public final class ParserLimits {
    private static final int MAX_DEPTH = 1_000;
    private static final int MAX_NUMBER_CHARACTERS = 1_000;
    private static final int MAX_NAME_CHARACTERS = 50_000;

    private ParserLimits() {}

    public static StreamReadConstraints withStringsOf(int maxCharacters) {
        return StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxNumberLength(MAX_NUMBER_CHARACTERS)
                .maxNameLength(MAX_NAME_CHARACTERS)
                .maxStringLength(maxCharacters)
                .build();
    }

    /** What goes on after the subject that met a limit, for example {@code the line}, and says what to do. */
    public static String predicate(StreamConstraintsException beyond) {
        String message = beyond.getOriginalMessage();
        if (message.startsWith("Document nesting depth")) {
            return format("nests deeper than %,d levels: write it flatter", MAX_DEPTH);
        }
        if (message.startsWith("Number value length")) {
            return format("has a number of more than %,d characters: write it as a string", MAX_NUMBER_CHARACTERS);
        }
        if (message.startsWith("Name length")) {
            return format("has a field name longer than %,d characters: shorten it", MAX_NAME_CHARACTERS);
        }
        return "has a part that is too large: split it";
    }

    private static String format(String sentence, int limit) {
        return String.format(Locale.ROOT, sentence, limit);
    }
}
