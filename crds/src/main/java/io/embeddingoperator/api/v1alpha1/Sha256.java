package io.embeddingoperator.api.v1alpha1;

/** The form of a checksum in a manifest. */
final class Sha256 {
    static final String FORM = "^[0-9a-f]{64}$";

    private Sha256() {}

    static void check(String value, String field) {
        Field.requiredText(value, field, "give the file's SHA-256, as sha256sum prints it");
        Field.check(
                value.matches(FORM),
                "%s is %s: a SHA-256 has 64 lower-case hexadecimal digits".formatted(field, value));
    }
}
