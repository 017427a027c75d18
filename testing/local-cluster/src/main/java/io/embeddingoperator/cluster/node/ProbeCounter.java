package io.embeddingoperator.cluster.node;

/** Turns the answers of a probe into a verdict: it changes after so many equal answers in a row. */
final class ProbeCounter {
    private final int successThreshold;
    private final int failureThreshold;
    private int successes;
    private int failures;

    ProbeCounter(int successThreshold, int failureThreshold) {
        this.successThreshold = successThreshold;
        this.failureThreshold = failureThreshold;
    }

    void count(boolean success) {
        successes = success ? successes + 1 : 0;
        failures = success ? 0 : failures + 1;
    }

    boolean succeeded() {
        return successes >= successThreshold;
    }

    boolean failed() {
        return failures >= failureThreshold;
    }
}
