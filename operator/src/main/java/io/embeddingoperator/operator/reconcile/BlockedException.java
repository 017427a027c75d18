package io.embeddingoperator.operator.reconcile;

/** Kubernetes does not allow the next action now; the message says what is in the way and what to do about it. */
final class BlockedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String sentence;

    BlockedException(String sentence) {
        super(sentence);
        this.sentence = sentence;
    }

    String sentence() {
        return sentence;
    }
}
