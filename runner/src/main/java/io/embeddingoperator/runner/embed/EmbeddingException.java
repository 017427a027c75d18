package io.embeddingoperator.runner.embed;

/** A batch could not be embedded. */
public final class EmbeddingException extends Exception {
    public EmbeddingException(String message) {
        super(message);
    }

    public EmbeddingException(String message, Throwable cause) {
        super(message, cause);
    }
}
