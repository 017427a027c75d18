package io.embeddingoperator.operator.config;

import java.util.regex.Pattern;

/** The checks that the records of this package make; each message names the variable, its value and the rule. */
final class Setting {
    /** A name of RFC 1123's label form, as a namespace has. */
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** A name of RFC 1123's subdomain form, as most objects have. */
    private static final Pattern SUBDOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private Setting() {}

    static void check(boolean holds, String variable, String value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "the environment variable %s is %s: %s".formatted(variable, quoted(value), rule));
        }
    }

    static void between(long value, long least, long most, String variable) {
        check(
                value >= least && value <= most,
                variable,
                Long.toString(value),
                "use a whole number from %d to %d".formatted(least, most));
    }

    static boolean isNamespace(String name) {
        return LABEL.matcher(name).matches();
    }

    static boolean isObjectName(String name) {
        return SUBDOMAIN.matcher(name).matches();
    }

    private static String quoted(String value) {
        return value.isBlank() ? "missing or empty" : "\"" + value + "\"";
    }
}
