package io.embeddingoperator.runner.sink.copy;

/** A document that cannot be stored was met while rows were already on their way to the server. */
public final class UnstorableDocumentException extends RuntimeException {
    public UnstorableDocumentException(String reason) {
        super(reason);
    }
}
