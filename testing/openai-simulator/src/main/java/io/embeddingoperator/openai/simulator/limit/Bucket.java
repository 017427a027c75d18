package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;
import java.time.Instant;

/** A bucket that is refilled continuously; its level is a real number and is brought up to date when it is read. */
final class Bucket {
    /** What a sum of many refills may be off by. */
    private static final double ROUNDING = 1e-6;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double capacity;
    private final double perNano;
    private double level;
    private Instant at;

    Bucket(double capacity, double perNano, double level, Instant at) {
        this.capacity = capacity;
        this.perNano = perNano;
        this.level = Math.min(level, capacity);
        this.at = at;
    }

    static Bucket full(double capacity, double perNano, Instant at) {
        return new Bucket(capacity, perNano, capacity, at);
    }

    /** Time that goes backwards refills nothing. */
    void refill(Instant now) {
        double elapsed =
                (now.getEpochSecond() - at.getEpochSecond()) * NANOS_PER_SECOND + (now.getNano() - at.getNano());
        if (elapsed > 0) {
            level = Math.min(capacity, level + elapsed * perNano);
            at = now;
        }
    }

    double capacity() {
        return capacity;
    }

    double level() {
        return level;
    }

    boolean has(double amount) {
        return level + ROUNDING >= amount;
    }

    void take(double amount) {
        level -= amount;
    }

    Duration until(double amount) {
        return Duration.ofNanos(Math.max(0, (long) Math.ceil((amount - level) / perNano)));
    }
}
