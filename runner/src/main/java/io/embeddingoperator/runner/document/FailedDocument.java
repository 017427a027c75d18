package io.embeddingoperator.runner.document;

import io.embeddingoperator.api.contract.PrintableText;
import java.util.Objects;
import java.util.Optional;

/**
 * A document that cannot be embedded, and why.
 *
 * @param key its key as text; empty where the key itself cannot be read
 * @param location where a person finds it, made printable
 * @param reason a sentence that says what is wrong and what to do, made printable
 */
public record FailedDocument(Optional<String> key, String location, String reason) {
    private static final int LONGEST_TEXT = 2_000;

    public FailedDocument {
        Objects.requireNonNull(key, "key");
        location = PrintableText.of(Objects.requireNonNull(location, "location"), LONGEST_TEXT);
        reason = PrintableText.of(Objects.requireNonNull(reason, "reason"), LONGEST_TEXT);
    }

    public static FailedDocument of(Document document, String reason) {
        return new FailedDocument(Optional.of(document.key().toString()), document.location(), reason);
    }
}
