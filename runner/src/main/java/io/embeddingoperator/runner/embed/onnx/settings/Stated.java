package io.embeddingoperator.runner.embed.onnx.settings;

import java.util.Objects;

/**
 * A setting, and who says so.
 *
 * @param source a file of the model, or a field of the manifest; "the usual" where neither says it
 */
public record Stated<T>(T value, String source) {
    static final String FIELD = "spec.embedder.onnx.";
    private static final String USUAL = "the usual";

    public Stated {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(source, "source");
    }

    /** Of a field of the manifest. */
    static <T> Stated<T> byManifest(T value, String field) {
        return new Stated<>(value, FIELD + field);
    }

    /** Of what neither the manifest nor a file of the model says. */
    static <T> Stated<T> byNone(T value) {
        return new Stated<>(value, USUAL);
    }

    public boolean isByManifest() {
        return source.startsWith(FIELD);
    }

    /** Whether the publisher of the model says it. */
    public boolean isByPublisher() {
        return !isGuess() && !source.startsWith("spec.");
    }

    public boolean isGuess() {
        return source.equals(USUAL);
    }
}
