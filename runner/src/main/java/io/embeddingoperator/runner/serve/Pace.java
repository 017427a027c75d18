package io.embeddingoperator.runner.serve;

import java.time.Duration;

/** How fast the workers embed, measured by what they did last. Safe for concurrent use. */
final class Pace {
    /** Of the newest measurement: some dozens of calls are remembered. */
    private static final double WEIGHT = 0.05;

    private final int workers;
    private double nanosPerToken;

    Pace(int workers) {
        this.workers = workers;
    }

    /** A worker has embedded so many tokens. */
    synchronized void measured(long tokens, long nanos) {
        double newest = (double) nanos / tokens;
        nanosPerToken = nanosPerToken == 0 ? newest : (1 - WEIGHT) * nanosPerToken + WEIGHT * newest;
    }

    /** What all workers together embed in a time; without bound before anything was measured. */
    synchronized long tokensWithin(Duration time) {
        return nanosPerToken == 0 ? Long.MAX_VALUE : (long) (workers * time.toNanos() / nanosPerToken);
    }
}
