package io.embeddingoperator.runner.batches;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * Believes that something is gone from the provider once it was missed again and again for a while: results that are merely
 * late would be paid for twice. One thread works on it.
 */
final class MissingResults {
    private static final int LEAST_TIMES = 3;

    private final Duration grace;
    private final InstantSource clock;
    private final Map<String, Missed> missed = new HashMap<>();

    MissingResults(Duration grace, InstantSource clock) {
        this.grace = grace;
        this.clock = clock;
    }

    private record Missed(Instant since, int times) {}

    /** It is there after all. */
    void found(String id) {
        missed.remove(id);
    }

    /** It is missed once more. @return whether it is gone for good */
    boolean believed(String id) {
        Instant now = clock.instant();
        Missed so = missed.merge(id, new Missed(now, 1), (before, _) -> new Missed(before.since(), before.times() + 1));
        return so.times() >= LEAST_TIMES && !now.isBefore(so.since().plus(grace));
    }
}
