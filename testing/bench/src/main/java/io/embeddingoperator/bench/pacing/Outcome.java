package io.embeddingoperator.bench.pacing;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * What came of a scenario over several seeds: of each number, the worst counts.
 *
 * @param recordings one a seed
 */
record Outcome(Scenario scenario, List<Recording> recordings) {
    private static final double LEAST_USE = 0.97;
    private static final double MOST_REFUSED_PER_THOUSAND = 1;
    private static final double LEAST_FAIRNESS = 0.95;
    private static final double MOST_RECOVERY_SECONDS = 5;
    private static final double MOST_LEARNING_SECONDS = 60;

    private static final double MINUTE = 60;
    private static final double END = seconds(Scenario.LENGTH);
    /** A window in which single requests do not matter, for 64 processes at half of the limit. */
    private static final double SETTLED_WINDOW = 30;

    private static final double SETTLED_LEAST = 0.9;
    /** What the bucket holds above the reserve may be used up. */
    private static final double SETTLED_MOST = 1.2;

    private static final double FAIR_WINDOW = 10;
    private static final double FAIR_SHARE = 0.8;

    Outcome {
        recordings = List.copyOf(recordings);
    }

    /** Of the tighter limit's refill, in all ten minutes or in the last nine, the smaller of the two: the first minute begins with a burst. */
    double use() {
        return least(recording -> Math.min(use(recording, 0), use(recording, MINUTE)));
    }

    private double use(Recording recording, double from) {
        return switch (scenario.binding()) {
            case TOKENS -> recording.tokenUse(from, END);
            case REQUESTS -> recording.requestUse(from, END);
        };
    }

    double refusedPerThousand() {
        return most(Recording::refusedPerThousand);
    }

    /** Of all the time; of that in which all are there where some came late. */
    double fairness() {
        double from = scenario.hasLatecomers() ? seconds(Scenario.LATE) + MINUTE : 0;
        return least(recording -> recording.fairness(from, END));
    }

    OptionalDouble recoverySeconds() {
        return scenario.changes().stream()
                .mapToDouble(change -> most(recording ->
                        recording.settledAfter(seconds(change.at()), SETTLED_WINDOW, SETTLED_LEAST, SETTLED_MOST)))
                .max();
    }

    /** Until the first latecomer has {@link #FAIR_SHARE} of a fair share. */
    OptionalDouble learningSeconds() {
        return scenario.hasLatecomers()
                ? OptionalDouble.of(most(recording ->
                        recording.fairAfter(scenario.processes(), seconds(Scenario.LATE), FAIR_WINDOW, FAIR_SHARE)))
                : OptionalDouble.empty();
    }

    long givenUp() {
        return recordings.stream().mapToLong(Recording::givenUpCount).max().orElse(0);
    }

    boolean met() {
        return use() >= LEAST_USE
                && refusedPerThousand() < MOST_REFUSED_PER_THOUSAND
                && fairness() >= LEAST_FAIRNESS
                && recoverySeconds().orElse(0) <= MOST_RECOVERY_SECONDS
                && learningSeconds().orElse(0) <= MOST_LEARNING_SECONDS;
    }

    String verdict() {
        return met() ? "PASS" : "FAIL";
    }

    /** The cells of a Markdown table. */
    String cells() {
        return String.format(
                Locale.ROOT,
                "%d | %.1f %% | %.2f | %.3f | %s | %s",
                scenario.processes(),
                100 * use(),
                refusedPerThousand(),
                fairness(),
                describe(recoverySeconds()),
                describe(learningSeconds()));
    }

    static String bounds() {
        return String.format(
                Locale.ROOT,
                "at least %.0f %% | below %.0f | at least %.2f | at most %.0f s | at most %.0f s",
                100 * LEAST_USE,
                MOST_REFUSED_PER_THOUSAND,
                LEAST_FAIRNESS,
                MOST_RECOVERY_SECONDS,
                MOST_LEARNING_SECONDS);
    }

    private static String describe(OptionalDouble seconds) {
        if (seconds.isEmpty()) {
            return "–";
        }
        return seconds.getAsDouble() == Double.POSITIVE_INFINITY
                ? "never"
                : String.format(Locale.ROOT, "%.1f s", seconds.getAsDouble());
    }

    private double least(ToDoubleFunction<Recording> number) {
        return recordings.stream().mapToDouble(number).min().orElseThrow();
    }

    private double most(ToDoubleFunction<Recording> number) {
        return recordings.stream().mapToDouble(number).max().orElseThrow();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
