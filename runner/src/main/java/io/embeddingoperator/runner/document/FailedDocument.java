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
public record FailedDocument(Optional<String> key, String location, String reason, Kind kind) {
    private static final int LONGEST_TEXT = 2_000;

    /** What is told apart. */
    public enum Kind {
        /** One document that its author must correct. */
        FAULT,
        /** One document with a key and without text: its author may have taken it away. */
        EMPTY,
        /** A part of a file that cannot be read: any number of documents may be lost with it. */
        DAMAGE
    }

    public FailedDocument {
        Objects.requireNonNull(key, "key");
        location = PrintableText.of(Objects.requireNonNull(location, "location"), LONGEST_TEXT);
        reason = PrintableText.of(Objects.requireNonNull(reason, "reason"), LONGEST_TEXT);
        Objects.requireNonNull(kind, "kind");
        if (kind == Kind.EMPTY && key.isEmpty()) {
            throw new IllegalArgumentException("a document without text has a key");
        }
    }

    /** A document that its author must correct. */
    public FailedDocument(Optional<String> key, String location, String reason) {
        this(key, location, reason, Kind.FAULT);
    }

    /** A document without text. */
    public static FailedDocument empty(String key, String location, String reason) {
        return new FailedDocument(Optional.of(key), location, reason, Kind.EMPTY);
    }

    /** A part of a file that cannot be read, with all that stands in it. */
    public static FailedDocument damage(String location, String reason) {
        return new FailedDocument(Optional.empty(), location, reason, Kind.DAMAGE);
    }

    public static FailedDocument of(Document document, String reason) {
        return new FailedDocument(Optional.of(document.key().toString()), document.location(), reason);
    }
}
