package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.PrintableText;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Words for a person, fit for a condition or an event. */
final class Sentence {
    /** A condition takes 32,768 characters, an event 1,024, which is as much as a person reads. */
    static final int MAX_LENGTH = 1_024;

    /** What is quoted of others takes no more than this: our own advice has to fit beside it. */
    static final int QUOTE = 300;

    /** A reason in CamelCase, or a name, takes no more than this. */
    static final int WORD = 64;

    /** Follows a remedy that changes what pods are made of: a Job never takes that in, and a new run has a new one. */
    static final String AND_RUN_AGAIN = ", and change spec.runNonce in the same edit: what is embedded already is kept";

    private static final int SHARDS_NAMED = 3;

    /** What others say may quote an address with its password. */
    private static final Pattern USER_INFO = Pattern.compile("://[^/@\\s]+@");

    /** Where a quotation stands within a sentence, its own end would be one too much. */
    private static final Pattern END = Pattern.compile("[.,;\\s]+$");

    private static final Pattern SPACE = Pattern.compile("\\s+");

    private Sentence() {}

    /** One line of at most {@link #MAX_LENGTH} characters. */
    static String of(String words) {
        return cut(words, MAX_LENGTH);
    }

    /** A cause, shortened as far as it must be, and what follows from it in full; either may be empty. */
    static String of(String cause, String consequence) {
        if (cause.isEmpty() || consequence.isEmpty()) {
            return of(cause + consequence);
        }
        return cut(cause, MAX_LENGTH - consequence.length() - 2) + "; " + consequence;
    }

    /**
     * What a kubelet, a scheduler or a runner said: one line of at most so many characters, without passwords in URLs and without
     * a full stop.
     */
    static String quote(@Nullable String words, int maxLength) {
        if (words == null) {
            return "";
        }
        String line = cut(USER_INFO.matcher(words).replaceAll("://***@"), maxLength);
        return END.matcher(line).replaceFirst("");
    }

    private static String cut(String words, int maxLength) {
        String line = SPACE.matcher(PrintableText.of(words)).replaceAll(" ").strip();
        if (line.length() <= maxLength) {
            return line;
        }
        int end = maxLength - 1;
        if (Character.isHighSurrogate(line.charAt(end - 1))) {
            end--;
        }
        return line.substring(0, end) + "…";
    }

    /** For example 1,234,567. */
    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** For example {@code 1 pod} and {@code 2,000 pods}. */
    static String count(long value, String noun) {
        return number(value) + " " + noun + (value == 1 ? "" : "s");
    }

    /** For example {@code shard 3}, {@code shards 3 and 7} and {@code shards 3, 7, 9 and 2 more}. */
    static String shards(List<Integer> shards) {
        if (shards.size() == 1) {
            return "shard " + shards.getFirst();
        }
        if (shards.size() <= SHARDS_NAMED) {
            return "shards %s and %s".formatted(listed(shards.subList(0, shards.size() - 1)), shards.getLast());
        }
        return "shards %s and %d more".formatted(listed(shards.subList(0, SHARDS_NAMED)), shards.size() - SHARDS_NAMED);
    }

    private static String listed(List<Integer> shards) {
        return shards.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
