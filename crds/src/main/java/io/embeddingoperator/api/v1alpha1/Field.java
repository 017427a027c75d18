package io.embeddingoperator.api.v1alpha1;

/** The checks that every record of this package makes on its own fields; each message names the field and what to do. */
final class Field {
    private Field() {}

    static <T> T required(T value, String field, String advice) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing: " + advice);
        }
        return value;
    }

    static String requiredText(String value, String field, String advice) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(field + (value == null ? " is missing: " : " is empty: ") + advice);
        }
        return value;
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

    static <T> T orElse(T value, T fallback) {
        return value == null ? fallback : value;
    }
}
