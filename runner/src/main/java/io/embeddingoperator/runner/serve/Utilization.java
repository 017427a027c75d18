package io.embeddingoperator.runner.serve;

import java.util.Arrays;

/** The part of the workers' time in which they embedded, of the last seconds: what an autoscaler goes by. Safe for concurrent use. */
final class Utilization {
    private static final int SECONDS = 15;
    private static final long SECOND = 1_000_000_000;

    private final int workers;
    private final long[] busy = new long[SECONDS];
    private long newest;

    Utilization(int workers, long now) {
        this.workers = workers;
        this.newest = now / SECOND;
    }

    /** A worker has embedded until now for so many nanoseconds. */
    synchronized void worked(long nanos, long now) {
        advance(now);
        busy[slot(newest)] += nanos;
    }

    /**
     * From 0 to 1.
     *
     * @param now of System.nanoTime, as everywhere here
     */
    synchronized double ratio(long now) {
        advance(now);
        return Math.min(1, (double) Arrays.stream(busy).sum() / (SECONDS * SECOND * workers));
    }

    private void advance(long now) {
        long second = now / SECOND;
        for (long passed = Math.max(newest + 1, second - SECONDS + 1); passed <= second; passed++) {
            busy[slot(passed)] = 0;
        }
        newest = Math.max(newest, second);
    }

    private static int slot(long second) {
        return (int) Math.floorMod(second, (long) SECONDS);
    }
}
