package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;

/** One limit of the account: what is left of it, this process's share, and what of the share is not sent yet. */
final class Meter {
    /** Of the refill: what is kept, so that nobody meets an empty bucket before he hears of it. */
    private static final double RESERVE_SECONDS = 9;
    /** A window that allows few requests needs some of them. */
    private static final double LEAST_RESERVE = 4;

    private static final double LARGEST_RESERVE = 0.5;
    /** In which a reserve gets used to another limit: what is left does not change with it. */
    private static final double RESERVE_FOLLOWING = 60;
    /** In which what is more than the reserve is used up. */
    private static final double DRAINING = 20;
    /** What is wanted of an empty bucket, as a part of the refill. */
    private static final double LEAST_WANTED = 0.1;

    /** What was not sent in its time may be sent within so many seconds' worth; more is lost. */
    private static final double CREDIT_SECONDS = 1;
    /** Over how long the use of the share is averaged. */
    private static final double USE_MEMORY = 3;
    /** A share that is not used does not grow beyond so many times of what is used. */
    private static final double UNUSED = 3;

    private final Dimension dimension;
    private final Level level;
    private final Share share = new Share();
    private double reserve;
    private double credit;
    private double use;
    private double ceiling = Double.POSITIVE_INFINITY;
    private double at;

    Meter(Dimension dimension, double limit, Duration window, double now) {
        this.dimension = dimension;
        this.level = new Level(limit, window, now);
        this.reserve = wantedReserve();
        this.at = now;
    }

    Level level() {
        return level;
    }

    /** What this process may send a second. */
    double rate() {
        return Math.min(ceiling, share.value() * level.refill());
    }

    void change(double limit, Duration window) {
        level.change(limit, window);
    }

    /** @param most what may be sent a second for other reasons */
    void advance(double now, double most) {
        ceiling = most;
        double seconds = now - at;
        if (seconds <= 0) {
            return;
        }
        at = now;
        use *= Math.exp(-seconds / USE_MEMORY);
        reserve += (wantedReserve() - reserve) * (1 - Math.exp(-seconds / RESERVE_FOLLOWING));
        double refill = level.refill();
        share.advance(seconds, wanted(level.at(now)), level.others() / refill, UNUSED * use / refill);
        credit = Math.min(credit + rate() * seconds, rate() * CREDIT_SECONDS);
    }

    void reduceTo(double part) {
        share.reduceTo(part);
    }

    /** Seconds until a request may go, by this limit alone. */
    double wait(double now, long tokens) {
        double lacking = dimension.cost(tokens) - level.at(now);
        return Math.max(-credit / rate(), lacking / level.refill());
    }

    /** Told where the wait is long. */
    String sentence(double now) {
        return "%s are limited to %,.0f in %,d s, of which the account has %,.0f left"
                .formatted(
                        dimension.word(),
                        level.limit(),
                        level.window().toSeconds(),
                        Math.max(0, Math.floor(level.at(now))));
    }

    void sent(long tokens) {
        double amount = dimension.cost(tokens);
        credit -= amount;
        use += amount / USE_MEMORY;
        level.sent(amount);
    }

    private double wantedReserve() {
        double least = Math.min(LEAST_RESERVE * unit(), LARGEST_RESERVE * level.limit());
        return Math.max(least, Math.min(RESERVE_SECONDS * level.refill(), LARGEST_RESERVE * level.limit()));
    }

    private double unit() {
        return dimension == Dimension.REQUESTS ? 1 : 0;
    }

    /** The total rate of all processes that the level calls for, as a part of the refill. */
    private double wanted(double left) {
        if (left >= reserve) {
            return 1 + (left - reserve) / DRAINING / level.refill();
        }
        return LEAST_WANTED + (1 - LEAST_WANTED) * Math.max(0, left) / reserve;
    }
}
