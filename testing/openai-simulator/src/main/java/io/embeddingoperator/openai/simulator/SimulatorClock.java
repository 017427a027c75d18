package io.embeddingoperator.openai.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The simulator's time: it stands still or runs at any speed, and a test moves it, into the past too. */
public final class SimulatorClock implements InstantSource {
    private Instant base;
    private long baseNanos;
    private double speed;

    private SimulatorClock(Instant start, double speed) {
        this.base = start;
        this.baseNanos = System.nanoTime();
        this.speed = checked(speed);
    }

    /** Moves only when it is told to. */
    public static SimulatorClock standing(Instant start) {
        return new SimulatorClock(start, 0);
    }

    /** Real time, or a multiple of it: with 60 a batch of an hour takes a minute. */
    public static SimulatorClock running(Instant start, double speed) {
        return new SimulatorClock(start, speed);
    }

    private static double checked(double speed) {
        if (!(speed >= 0 && speed <= 1e6)) {
            throw new IllegalArgumentException("a clock's speed must be between 0 and 1,000,000, not " + speed);
        }
        return speed;
    }

    @Override
    public synchronized Instant instant() {
        return base.plusNanos((long) ((System.nanoTime() - baseNanos) * speed));
    }

    public void advance(Duration duration) {
        set(instant().plus(duration));
    }

    public synchronized void set(Instant now) {
        base = now;
        baseNanos = System.nanoTime();
    }

    public synchronized void speed(double changed) {
        set(instant());
        speed = checked(changed);
    }

    public synchronized double speed() {
        return speed;
    }
}
