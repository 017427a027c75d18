package io.embeddingoperator.operator.status;

import java.util.Objects;

/**
 * An event that is worth a person's attention.
 *
 * @param reason one word in CamelCase
 * @param message a sentence
 */
public record NewEvent(Type type, String reason, String message) {
    /** Kubernetes knows these two, by these names. */
    public enum Type {
        Normal,
        Warning
    }

    public NewEvent {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
    }
}
