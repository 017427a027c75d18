package io.embeddingoperator.runner.progress;

import org.jspecify.annotations.Nullable;

/**
 * How fast windows are committed. The time before the first one is left out, for it went into filling the pipeline, and
 * nothing is said of a few windows: they come in bursts, and an estimate from two of them would be off by half.
 */
final class Pace {
    /** Windows after the first one that make an estimate. */
    private static final int ENOUGH_WINDOWS = 4;

    private long firstWork;
    private long firstTime;
    private long lastWork;
    private long lastTime;
    private long windows;

    /** @param work that is committed by now, in the source's unit */
    synchronized void committed(long work, long nanoTime) {
        if (windows == 0 || work < lastWork) {
            // The first one, or the first after the server took some back.
            firstWork = work;
            firstTime = nanoTime;
            windows = 0;
        }
        lastWork = work;
        lastTime = nanoTime;
        windows++;
    }

    /** Null while it is not known. */
    synchronized @Nullable Long secondsLeft(long totalWork, long nanoTime) {
        long done = lastWork - firstWork;
        if (windows <= ENOUGH_WINDOWS || done <= 0) {
            return null;
        }
        // Until the next window is due the time runs down; when it is late, the pace is less than it was.
        double gap = (double) (lastTime - firstTime) / (windows - 1);
        double since = nanoTime - lastTime;
        double elapsed = lastTime - firstTime + Math.max(0, since - gap);
        double left = Math.max(0, totalWork - lastWork) * elapsed / done - Math.min(since, gap);
        return Math.round(Math.max(0, left) / 1e9);
    }
}
