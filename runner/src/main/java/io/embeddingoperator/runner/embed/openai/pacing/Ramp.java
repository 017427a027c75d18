package io.embeddingoperator.runner.embed.openai.pacing;

/**
 * Once a server answered slow_down, this process sends in a minute a little less than what passed in the minute before that
 * answer, evenly, and grows by at most half in 15 minutes. Only tokens are counted; times are seconds.
 */
final class Ramp {
    private static final double GROWTH = Math.log(1.5) / (15 * 60);
    /** The server counts other minutes than this process. */
    private static final double CAUTION = 0.9;

    /**
     * Tokens a minute. No account is asked to slow down below a million a minute, and of that each of 64 processes may have its share:
     * one that has just begun has sent next to nothing in the minute before, and would crawl for hours.
     */
    private static final double LEAST = 1_000_000 / 64.0;

    private static final int SECONDS = 60;

    private final double[] bySecond = new double[SECONDS];
    private double lastMinute;
    private long second;
    private double metAt = Double.NaN;
    private double most;
    private double next;

    void sent(double now, double tokens) {
        forward(now);
        bySecond[slot(second)] += tokens;
        lastMinute += tokens;
        next = Math.max(next, now) + tokens * SECONDS / perMinute(now);
    }

    /** Such an answer came to a request of so many tokens, which do not count. */
    void met(double now, double sentAt, double tokens) {
        forward(now);
        if (second - (long) sentAt < SECONDS) {
            bySecond[slot((long) sentAt)] -= tokens;
            lastMinute -= tokens;
        }
        most = Math.min(perMinute(now), Math.max(LEAST, CAUTION * Math.max(tokens, lastMinute)));
        metAt = now;
    }

    /** Seconds until so many tokens may be sent; a request that is larger than all goes alone. */
    double wait(double now, double tokens) {
        forward(now);
        if (lastMinute > 0 && lastMinute + tokens > perMinute(now)) {
            return second + 1 - now;
        }
        return next - now;
    }

    /** Tokens that may be sent in a minute. */
    double perMinute(double now) {
        return Double.isNaN(metAt) ? Double.POSITIVE_INFINITY : most * Math.exp(GROWTH * (now - metAt));
    }

    private void forward(double now) {
        long to = (long) now;
        for (long passed = Math.max(second + 1, to - SECONDS + 1); passed <= to; passed++) {
            lastMinute -= bySecond[slot(passed)];
            bySecond[slot(passed)] = 0;
        }
        second = Math.max(second, to);
    }

    private static int slot(long second) {
        return (int) (second % SECONDS);
    }
}
