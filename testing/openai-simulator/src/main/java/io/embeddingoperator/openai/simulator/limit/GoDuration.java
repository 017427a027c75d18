package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;

/** Durations as OpenAI prints them: truncated to milliseconds, in the form of Go's {@code time.Duration}. */
public final class GoDuration {
    private static final int SECOND = 1000;

    private GoDuration() {}

    /** {@code 0s}, {@code 26ms}, {@code 4.096s}, {@code 6m0s}, {@code 1h0m0s}. */
    public static String format(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a wait cannot be negative: " + duration);
        }
        long millis = duration.toMillis();
        if (millis == 0) {
            return "0s";
        }
        if (millis < SECOND) {
            return millis + "ms";
        }
        StringBuilder text = new StringBuilder();
        if (duration.toHours() > 0) {
            text.append(duration.toHours()).append('h');
        }
        if (duration.toMinutes() > 0) {
            text.append(duration.toMinutesPart()).append('m');
        }
        text.append(duration.toSecondsPart());
        long fraction = millis % SECOND;
        if (fraction > 0) {
            String digits = "%03d".formatted(fraction);
            text.append('.').append(digits.replaceFirst("0+$", ""));
        }
        return text.append('s').toString();
    }
}
