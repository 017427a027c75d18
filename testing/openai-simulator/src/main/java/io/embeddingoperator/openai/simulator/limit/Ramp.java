package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * The rule behind slow_down: above 1,000,000 tokens a minute, traffic may grow by at most half in 15 minutes. What passes in a
 * sliding minute is compared with the busiest minute between 30 and 15 minutes ago.
 */
final class Ramp {
    static final long FREE_TOKENS_PER_MINUTE = 1_000_000;

    private static final double GROWTH = 1.5;
    private static final int SECONDS = 60;
    private static final int STEP_MINUTES = 15;
    private static final int MINUTES = 2 * STEP_MINUTES + 1;
    /** What the server would like to be left alone for. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final long[] bySecond = new long[SECONDS];
    private final long[] byMinute = new long[MINUTES];
    private long second = Long.MIN_VALUE;
    private long lastMinute;
    private double ceiling = GROWTH * FREE_TOKENS_PER_MINUTE;

    boolean allows(Instant now, long tokens) {
        forward(now.getEpochSecond());
        return lastMinute + tokens <= ceiling;
    }

    void count(long tokens) {
        bySecond[(int) Math.floorMod(second, (long) SECONDS)] += tokens;
        lastMinute += tokens;
        byMinute[slot(minute(second))] = Math.max(byMinute[slot(minute(second))], lastMinute);
    }

    Duration pause() {
        return PAUSE;
    }

    private void forward(long now) {
        if (second == Long.MIN_VALUE || now - second >= (long) MINUTES * SECONDS) {
            Arrays.fill(bySecond, 0);
            Arrays.fill(byMinute, 0);
            lastMinute = 0;
            second = now;
            ceiling = GROWTH * FREE_TOKENS_PER_MINUTE;
            return;
        }
        while (second < now) {
            second++;
            int slot = (int) Math.floorMod(second, (long) SECONDS);
            lastMinute -= bySecond[slot];
            bySecond[slot] = 0;
            if (Math.floorMod(second, (long) SECONDS) == 0) {
                byMinute[slot(minute(second))] = 0;
                ceiling = GROWTH * Math.max(FREE_TOKENS_PER_MINUTE, busiestBefore(minute(second)));
            }
        }
    }

    private long busiestBefore(long minute) {
        long busiest = 0;
        for (int ago = STEP_MINUTES; ago < MINUTES; ago++) {
            busiest = Math.max(busiest, byMinute[slot(minute - ago)]);
        }
        return busiest;
    }

    private static long minute(long second) {
        return Math.floorDiv(second, (long) SECONDS);
    }

    private static int slot(long minute) {
        return (int) Math.floorMod(minute, (long) MINUTES);
    }
}
