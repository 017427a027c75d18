package io.embeddingoperator.runner.embed.openai.pacing;

/**
 * Once a server answered slow_down, this process grows by at most half in 15 minutes, from what it had sent in the minute before.
 * Only tokens are counted; times are seconds.
 */
final class Ramp {
    private static final double GROWTH = Math.log(1.5) / (15 * 60);
    /** The server counts in another minute than this process. */
    private static final double CAUTION = 0.9;

    private static final int SECONDS = 60;

    private final double[] bySecond = new double[SECONDS];
    private long second;
    private double metAt = Double.NaN;
    private double rate = Double.POSITIVE_INFINITY;

    void sent(double now, double tokens) {
        forward(now);
        bySecond[(int) (second % SECONDS)] += tokens;
    }

    void met(double now) {
        forward(now);
        double lastMinute = 0;
        for (double tokens : bySecond) {
            lastMinute += tokens;
        }
        rate = Math.min(rate(now), Math.max(1, CAUTION * lastMinute / SECONDS));
        metAt = now;
    }

    /** Tokens a second that may be sent now. */
    double rate(double now) {
        return Double.isNaN(metAt) ? Double.POSITIVE_INFINITY : rate * Math.exp(GROWTH * (now - metAt));
    }

    private void forward(double now) {
        long to = (long) now;
        for (long next = Math.max(second + 1, to - SECONDS + 1); next <= to; next++) {
            bySecond[(int) (next % SECONDS)] = 0;
        }
        second = Math.max(second, to);
    }
}
