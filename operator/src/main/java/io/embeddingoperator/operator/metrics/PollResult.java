package io.embeddingoperator.operator.metrics;

/** How asking a pod for its progress ended. */
public enum PollResult {
    Answered,
    /** It was no progress document of that pod. */
    Unusable,
    TimedOut,
    Unreachable
}
