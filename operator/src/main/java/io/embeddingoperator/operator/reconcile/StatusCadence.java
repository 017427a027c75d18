package io.embeddingoperator.operator.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * When the status of each job was written last, as far back as one interval. What is forgotten at a restart costs one
 * write that could have waited.
 */
final class StatusCadence {
    private final Duration interval;

    /** By the job's uid, in the order of writing. */
    private final SequencedMap<String, Instant> writes = new LinkedHashMap<>();

    StatusCadence(Duration interval) {
        this.interval = interval;
    }

    /** How long mere numbers have to wait for their write; zero when they need not. */
    synchronized Duration delay(String uid, Instant now) {
        Instant last = writes.get(uid);
        Duration left = last == null ? Duration.ZERO : Duration.between(now, last.plus(interval));
        return left.isNegative() ? Duration.ZERO : left;
    }

    synchronized void written(String uid, Instant now) {
        writes.putLast(uid, now);
        while (writes.firstEntry().getValue().plus(interval).isBefore(now)) {
            writes.pollFirstEntry();
        }
    }
}
