package io.embeddingoperator.operator.reconcile;

/** Kubernetes does not allow now what should be done; the message says what is in the way and what to do about it. */
final class Hindrance extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Hindrance(String sentence) {
        super(sentence);
    }
}
