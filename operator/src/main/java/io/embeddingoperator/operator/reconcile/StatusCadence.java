package io.embeddingoperator.operator.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * When mere numbers are written: once an interval, and then the newest ones, if those come soon. A time that is forgotten, at a
 * restart or since it was long ago, costs one write that could have waited or one wait more.
 */
final class StatusCadence {
    /** No wait for newer numbers is as long as this. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(5);

    private final Duration interval;

    /** When the status of each job was written last, by the job's uid, in the order of writing. */
    private final SequencedMap<String, Instant> writes = new LinkedHashMap<>();

    /** Since when it is the turn of numbers that wait for newer ones, by the job's uid, in the order of their turns. */
    private final SequencedMap<String, Instant> turns = new LinkedHashMap<>();

    StatusCadence(Duration interval) {
        this.interval = interval;
    }

    /**
     * How long mere numbers have to wait for their write; zero when they need not.
     *
     * @param forNewer how long they may wait for newer ones once it is their turn, in all: newer ones are under way again and
     *     again, and may never come
     */
    synchronized Duration delay(String uid, Instant now, Duration forNewer) {
        Duration rest = left(writes.get(uid), interval, now);
        if (rest.isPositive() || forNewer.isZero()) {
            return rest;
        }
        turns.putIfAbsent(uid, now);
        return left(turns.get(uid), forNewer, now);
    }

    synchronized void written(String uid, Instant now) {
        turns.remove(uid);
        forget(turns, now.minus(FORGOTTEN));
        writes.putLast(uid, now);
        forget(writes, now.minus(interval));
    }

    private static Duration left(@Nullable Instant since, Duration length, Instant now) {
        Duration left = since == null ? Duration.ZERO : Duration.between(now, since.plus(length));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static void forget(SequencedMap<String, Instant> times, Instant before) {
        while (!times.isEmpty() && times.firstEntry().getValue().isBefore(before)) {
            times.pollFirstEntry();
        }
    }
}
