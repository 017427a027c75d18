package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** When a run will end at its present rate, said so that it is not corrected every few seconds. */
final class CompletionEstimate {
    private static final Duration FARTHEST = Duration.ofDays(3_650);

    private CompletionEstimate() {}

    /**
     * Null when it cannot be told: no pod embeds, or nobody knows yet how much there is.
     *
     * @param before the former estimate in RFC 3339, or null; it stays as long as it is right within a tenth of the time left
     */
    static String of(Reports reports, int shards, Instant now, String before) {
        Duration left = left(reports, shards);
        if (left == null || left.compareTo(FARTHEST) > 0) {
            return null;
        }
        return holds(before, now, left) ? before : rounded(now.plus(left), left).toString();
    }

    /** The work that is left at the rate of all pods, and at least as long as the slowest of them needs. */
    private static Duration left(Reports reports, int shards) {
        double workPerSecond = 0;
        long slowest = 0;
        for (Progress live : reports.live()) {
            if (live.secondsLeft() != null && live.secondsLeft() > 0) {
                workPerSecond +=
                        (double) Math.max(0, live.work().total() - live.work().done()) / live.secondsLeft();
                slowest = Math.max(slowest, live.secondsLeft());
            }
        }
        Long planned = RunNumbers.plannedWork(reports, shards);
        if (planned == null || workPerSecond <= 0) {
            return null;
        }
        double seconds = Math.max(0, planned - RunNumbers.workDone(reports)) / workPerSecond;
        return Duration.ofSeconds((long) Math.min(Math.max(Math.ceil(seconds), slowest), FARTHEST.toSeconds() + 1.0));
    }

    private static boolean holds(String before, Instant now, Duration left) {
        try {
            return before != null
                    && Instant.parse(before).isAfter(now)
                    && Duration.between(now.plus(left), Instant.parse(before))
                                    .abs()
                                    .compareTo(left.dividedBy(10).plusSeconds(5))
                            <= 0;
        } catch (DateTimeException _) {
            return false;
        }
    }

    /** Up, to a step that suits the time left: an estimate to the second for the next week would pretend to know. */
    private static Instant rounded(Instant end, Duration left) {
        long step = left.toMinutes() < 10 ? 10 : left.toHours() < 2 ? 60 : left.toDays() < 2 ? 600 : 3_600;
        return Instant.ofEpochSecond(Math.ceilDiv(end.getEpochSecond(), step) * step);
    }
}
