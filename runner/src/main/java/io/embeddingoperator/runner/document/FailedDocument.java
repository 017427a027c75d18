package io.embeddingoperator.runner.document;

import java.util.Objects;
import java.util.Optional;

/**
 * A document that cannot be embedded, and why.
 *
 * @param key its key as text; empty where the key itself cannot be read
 * @param location where a person finds it
 * @param reason a sentence that says what is wrong and what to do
 */
public record FailedDocument(Optional<String> key, String location, String reason) {
    public FailedDocument {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(reason, "reason");
    }

    public static FailedDocument of(Document document, String reason) {
        return new FailedDocument(Optional.of(document.key().toString()), document.location(), reason);
    }
}
