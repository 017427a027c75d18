package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The time over which a limit counts. No header names it; it follows from how long the bucket takes to be full again. */
final class Window {
    static final Duration MINUTE = Duration.ofMinutes(1);

    private static final List<Duration> OTHERS =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofDays(1));
    /** Used and remaining are whole numbers of something that is none. */
    private static final double TOLERANCE = 2;

    private Window() {}

    /**
     * Empty where the numbers do not tell: nothing is used, or times are too coarse. A minute is believed wherever the numbers
     * allow it.
     */
    static Optional<Duration> of(long limit, long remaining, ResetTime reset) {
        long used = limit - remaining;
        if (used < 1 || reset.time().isZero()) {
            return Optional.empty();
        }
        double least = seconds(reset.time().minus(reset.precision())) / TOLERANCE;
        double most = seconds(reset.time().plus(reset.precision())) * TOLERANCE;
        double share = (double) used / limit;
        Stream<Duration> fitting = Stream.concat(Stream.of(MINUTE), OTHERS.stream())
                .filter(window -> share * seconds(window) >= least && share * seconds(window) <= most);
        double told = seconds(reset.time());
        return fitting.min(Comparator.comparingDouble(
                window -> window.equals(MINUTE) ? 0 : 1 + Math.abs(Math.log(share * seconds(window) / told))));
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
