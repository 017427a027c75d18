package io.embeddingoperator.operator.observe;

/** How asking a pod for its progress ended. */
public enum PollResult {
    Answered,
    /** The answer was no progress document of that pod. */
    Unusable,
    TimedOut,
    /** The pod did not answer, or its answer broke off or was far too long. */
    Unreachable
}
