package io.embeddingoperator.api.v1alpha1;

import org.jspecify.annotations.Nullable;

/** The form of a checksum in a manifest. */
final class Sha256 {
    static final String FORM = "^[0-9a-f]{64}$";

    private static final String ADVICE = "give the file's SHA-256, as sha256sum prints it";

    private Sha256() {}

    static void check(@Nullable String value, String field) {
        Field.required(value, field, ADVICE);
        checkIfGiven(value, field);
    }

    static void checkIfGiven(@Nullable String value, String field) {
        Field.optionalText(value, field, ADVICE);
        Field.check(
                value == null || value.matches(FORM),
                "%s is %s: a SHA-256 has 64 lower-case hexadecimal digits".formatted(field, value));
    }
}
