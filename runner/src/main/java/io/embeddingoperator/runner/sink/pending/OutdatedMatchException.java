package io.embeddingoperator.runner.sink.pending;

/** A document changed after it was matched with its result: it has to be looked up again. */
public final class OutdatedMatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutdatedMatchException(String batch, int ordinal) {
        super("document %d of batch %s has changed since it was looked up".formatted(ordinal, batch));
    }
}
