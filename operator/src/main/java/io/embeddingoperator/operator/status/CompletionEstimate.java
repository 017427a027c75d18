package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When a run will end at its present rate, said so that it is not corrected every few seconds. */
final class CompletionEstimate {
    private static final Duration FARTHEST = Duration.ofDays(3_650);

    private CompletionEstimate() {}

    /**
     * Null when it cannot be told: no pod embeds, no runner knows yet how much there is, or batches embed, whose time
     * the provider alone decides.
     *
     * @param before the former estimate in RFC 3339, or null; it stays as long as it is right within a tenth of the time
     *     left, and while the pods that embed are too new to know better
     */
    static @Nullable String of(Reports reports, int shards, Instant now, @Nullable String before) {
        if (reports.whole() != null && reports.whole().batches() != null) {
            return null;
        }
        Pace pace = Pace.of(reports);
        if (pace.unmeasured()) {
            return isAfter(before, now) ? before : null;
        }
        Duration left = left(pace, reports, shards);
        if (left == null || left.compareTo(FARTHEST) > 0) {
            return null;
        }
        return holds(before, now, left) ? before : rounded(now.plus(left), left).toString();
    }

    /** The work that is left at the rate of all pods, and at least as long as the slowest of them needs. */
    private static @Nullable Duration left(Pace pace, Reports reports, int shards) {
        Long planned = RunNumbers.plannedWork(reports, shards);
        if (planned == null || pace.workPerSecond() <= 0) {
            return null;
        }
        double seconds = Math.max(0, planned - RunNumbers.workDone(reports)) / pace.workPerSecond();
        return Duration.ofSeconds(
                (long) Math.min(Math.max(Math.ceil(seconds), pace.slowest()), FARTHEST.toSeconds() + 1.0));
    }

    private static boolean holds(@Nullable String before, Instant now, Duration left) {
        return isAfter(before, now)
                && Duration.between(now.plus(left), Instant.parse(before))
                                .abs()
                                .compareTo(left.dividedBy(10).plusSeconds(5))
                        <= 0;
    }

    private static boolean isAfter(@Nullable String estimate, Instant now) {
        try {
            return estimate != null && Instant.parse(estimate).isAfter(now);
        } catch (DateTimeException _) {
            return false;
        }
    }

    /** Up, to a step that suits the time left: an estimate to the second for the next week would pretend to know. */
    private static Instant rounded(Instant end, Duration left) {
        long step = step(left);
        return Instant.ofEpochSecond(Math.ceilDiv(end.getEpochSecond(), step) * step);
    }

    private static long step(Duration left) {
        if (left.toMinutes() < 10) {
            return 10;
        }
        if (left.toHours() < 2) {
            return 60;
        }
        return left.toDays() < 2 ? 600 : 3_600;
    }

    /**
     * How fast the pods embed. A runner says nothing before it has seen a few windows: until then it is taken to be as fast
     * as the others are, for otherwise each new pod would put the end off for a while.
     *
     * @param embedding pods that embed
     * @param measured those of them that know how long they will take
     * @param workPerSecond of all that embed
     * @param slowest seconds until the last of those that know is through
     */
    private record Pace(int embedding, int measured, double workPerSecond, long slowest) {
        static Pace of(Reports reports) {
            int embedding = 0;
            int measured = 0;
            double workPerSecond = 0;
            long slowest = 0;
            for (Progress live : reports.live()) {
                if (live.pace().secondsLeft() != null && live.pace().secondsLeft() > 0) {
                    workPerSecond += (double) Math.max(
                                    0,
                                    live.committed().work().total()
                                            - live.committed().work().done())
                            / live.pace().secondsLeft();
                    slowest = Math.max(slowest, live.pace().secondsLeft());
                    measured++;
                }
                if (live.phase() == Progress.Phase.Embedding) {
                    embedding++;
                }
            }
            double ofAll = measured == 0 ? 0 : workPerSecond * Math.max(embedding, measured) / measured;
            return new Pace(embedding, measured, ofAll, slowest);
        }

        boolean unmeasured() {
            return embedding > 0 && measured * 2 < embedding;
        }
    }
}
