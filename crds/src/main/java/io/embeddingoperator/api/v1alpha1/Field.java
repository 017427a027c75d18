package io.embeddingoperator.api.v1alpha1;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The checks that the records of this package make on their fields; each message names the field and what to do. */
final class Field {
    /** What a text must hold, as a pattern of the schema: at least one character that is not white space. */
    static final String NOT_BLANK = "\\S";

    static final String HTTP_URL = "^https?://";

    /** The schema's {@link #NOT_BLANK} is read by RE2, whose white space is these five characters. */
    private static final Pattern SOMETHING = Pattern.compile("[^\\t\\n\\f\\r ]");

    private Field() {}

    static <T> T required(@Nullable T value, String field, String advice) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing: " + advice);
        }
        return value;
    }

    static String requiredText(@Nullable String value, String field, String advice) {
        String text = required(value, field, advice);
        optionalText(text, field, advice);
        return text;
    }

    static void optionalText(@Nullable String value, String field, String advice) {
        check(value == null || SOMETHING.matcher(value).find(), field + " is empty: " + advice);
    }

    /** An immutable copy of names of columns or fields, none of them empty; a missing list is an empty one. */
    static List<String> names(@Nullable List<String> values, String field) {
        List<String> names = orElse(values, List.of());
        for (int i = 0; i < names.size(); i++) {
            requiredText(names.get(i), field + "[" + i + "]", "give a name, or remove the item");
        }
        return List.copyOf(names);
    }

    /** An immutable copy without holes; a missing list is an empty one. */
    static <T> List<T> items(@Nullable List<T> values, String field) {
        List<T> items = orElse(values, List.of());
        for (int i = 0; i < items.size(); i++) {
            required(items.get(i), field + "[" + i + "]", "describe it, or remove the item");
        }
        return List.copyOf(items);
    }

    /** An immutable copy in which every key has a value; a missing map is an empty one. */
    static Map<String, String> entries(@Nullable Map<String, String> values, String field) {
        Map<String, String> entries = orElse(values, Map.of());
        entries.forEach((key, value) -> required(value, field + "." + key, "give it a value, or remove it"));
        return Map.copyOf(entries);
    }

    static String httpUrl(String value, String field) {
        check(
                value.startsWith("https://") || value.startsWith("http://"),
                "%s is %s: use an http or https URL".formatted(field, value.isEmpty() ? "empty" : value));
        return value;
    }

    /**
     * Whether a text has a form of the schema, in which a dollar is the end of the text and not of its last line. No form takes
     * more than the longest limit, and a longer text could exhaust the stack of the matcher.
     */
    static boolean matches(String form, String value) {
        return value.length() <= Limit.CONDITION
                && Pattern.compile(form.replaceFirst("\\$$", "\\\\z"))
                        .matcher(value)
                        .find();
    }

    static int between(int value, int least, int most, String field) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s is %d: use a number from %d to %d".formatted(field, value, least, most));
        }
        return value;
    }

    static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    static void check(boolean holds, Supplier<String> message) {
        if (!holds) {
            throw new IllegalArgumentException(message.get());
        }
    }

    /** What a manifest leaves out: the record's constructor puts the default in its place. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    static <T> T leftOut() {
        return null;
    }

    static <T> T orElse(@Nullable T value, T fallback) {
        return value == null ? fallback : value;
    }
}
