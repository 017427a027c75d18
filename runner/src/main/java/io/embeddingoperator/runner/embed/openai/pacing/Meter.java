package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;

/** One limit of the account: what is left of it, this process's share, and what of the share is not sent yet. Times are seconds. */
final class Meter {
    /** Of the refill: what is kept, so that no process meets an empty bucket before it hears of it. */
    private static final double RESERVE_SECONDS = 24;
    /** Of a window that allows few requests. */
    private static final double LEAST_RESERVED_REQUESTS = 4;

    private static final double LARGEST_RESERVE = 0.5;
    /**
     * Of the refill: how fast a reserve gets used to another limit. What is left does not change with the limit, so the old reserve
     * stays in force at first: no process stops to fill up a larger one, nor hurries to use up what is above a smaller one.
     */
    private static final double RESERVE_GROWTH = 0.08;

    private static final double RESERVE_FALL = 0.15;
    /** In which what is more than the reserve is used up. */
    private static final double DRAINING = 20;
    /** What is wanted of an empty bucket, as a part of the refill. */
    private static final double LEAST_WANTED = 0.1;
    /** What was not sent in its time may be sent within so many seconds' worth; more is lost. */
    private static final double CREDIT_SECONDS = 1;
    /** Of the limit: a bucket that has so much is not in use. */
    private static final double UNUSED = 0.999;

    /** Of the limit: of an account that has less, this process gets next to nothing. */
    private static final double USED_UP = 0.01;

    /** Azure looks at the requests of 10 seconds or of 1, within any window. */
    private static final Duration SHORT = Duration.ofSeconds(10);

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    /** Buckets of 10 seconds are soon understood: who is refused so often without a reason has met one of 1 second. */
    private static final int RIDDLES_OF_SHORTEST = 4;
    /** A bucket of 1 second is empty or full before any reply tells: growth is tried out, slower than refusals take it back. */
    private static final double CAREFUL_GROWTH = 0.005;

    private final Dimension dimension;
    private final Level level;
    private final Share share;
    private double reserve;
    private double credit;
    private double at;
    private boolean everTold;
    private int riddles;

    Meter(Dimension dimension, double limit, Duration window, double now) {
        this.dimension = dimension;
        this.level = new Level(limit, window, now);
        this.reserve = wantedReserve();
        this.share = new Share(wanted(limit));
        this.at = now;
    }

    Level level() {
        return level;
    }

    /** What this process may send a second. */
    double rate() {
        return share.value() * level.refill();
    }

    /** @param paused whether nothing is sent for other reasons, which earns no credit */
    void advance(double now, boolean paused) {
        double seconds = now - at;
        if (seconds <= 0) {
            return;
        }
        at = now;
        double refill = level.refill();
        reserve += Math.clamp(
                wantedReserve() - reserve, -RESERVE_FALL * refill * seconds, RESERVE_GROWTH * refill * seconds);
        share.advance(seconds, wanted(level.at(now)), level.others() / refill, level.spacing(now), fastestGrowth());
        credit = Math.min(credit + rate() * seconds, paused ? 0 : rate() * CREDIT_SECONDS);
    }

    /** A request was sent before this limit was known: it is paid for now. */
    void owe(long tokens) {
        credit -= dimension.cost(tokens);
    }

    void sent(long tokens) {
        double amount = dimension.cost(tokens);
        credit -= amount;
        level.sent(amount);
    }

    /**
     * A reply told what was left.
     *
     * @param tokens of the request
     * @param ownWithIt what this process had sent, that request included
     */
    void seen(double sentAt, long tokens, double ownWithIt, double told) {
        everTold = true;
        level.seen(sentAt, ownWithIt, told);
        share.informed(told + dimension.cost(tokens) >= UNUSED * level.limit());
    }

    /** A reply came; where none ever tells what is left, it is as much as this process knows that it used, or nothing. */
    void untold(double sentAt, double ownWithIt, boolean good) {
        if (!everTold) {
            level.assumed(sentAt, ownWithIt, good);
            share.informed(false);
        }
    }

    void change(double limit, Duration window) {
        level.change(limit, window);
    }

    void enforcedShortly() {
        if (dimension == Dimension.REQUESTS && level.enforced().compareTo(SHORT) > 0) {
            enforce(SHORT);
        }
    }

    /** A request was refused though all that the reply told was enough. */
    void refusedWithoutReason() {
        if (dimension == Dimension.REQUESTS) {
            riddles++;
            if (level.enforced().compareTo(SHORT) > 0) {
                enforce(SHORT);
            } else if (riddles >= RIDDLES_OF_SHORTEST) {
                enforce(SHORTEST);
            }
            level.exhausted();
        }
    }

    /** A request was refused: of the share, only a part is left. */
    void reduceTo(double part) {
        share.reduceTo(part);
        credit = Math.min(credit, 0);
    }

    /** Until a request may go, by this limit alone. */
    double wait(double now, long tokens) {
        double lacking = Math.min(dimension.cost(tokens), level.capacity()) - level.atBest(now);
        return Math.max(-credit / rate(), lacking / level.refill());
    }

    /** Until the smallest request may go, where it is the account that has too little left and not this process. */
    double unusualWait(double now) {
        double lacking = (1 - level.atBest(now)) / level.refill();
        return level.window().compareTo(Window.MINUTE) > 0 ? Math.max(lacking, wait(now, 1)) : lacking;
    }

    /** Whether the last reply told that next to nothing is left of the account's limit. */
    boolean isToldUsedUp() {
        return everTold && level.lastTold() < USED_UP * level.limit();
    }

    /** For a person, where the wait is long. */
    String sentence(double now) {
        if (isToldUsedUp()) {
            return "the server's last reply tells that %,.0f are left of the account's limit of %,.0f %s in %,d s, which all its clients share"
                    .formatted(
                            Math.max(0, level.lastTold()),
                            level.limit(),
                            dimension.word(),
                            level.window().toSeconds());
        }
        return "the account's limit of %,.0f %s in %,d s has %,.0f left, which all its clients share"
                .formatted(
                        level.limit(),
                        dimension.word(),
                        level.window().toSeconds(),
                        Math.max(0, Math.floor(level.at(now))));
    }

    private void enforce(Duration time) {
        level.enforce(time);
        reserve = Math.min(reserve, wantedReserve());
    }

    private double fastestGrowth() {
        if (credit >= rate() * CREDIT_SECONDS) {
            // The share is not used up: what is more of it would come as a surprise to all.
            return 0;
        }
        return level.enforced().compareTo(SHORTEST) > 0 ? Double.POSITIVE_INFINITY : CAREFUL_GROWTH;
    }

    private double wantedReserve() {
        double ofTime = RESERVE_SECONDS * level.refill();
        double ofRequests = dimension == Dimension.REQUESTS ? LEAST_RESERVED_REQUESTS : 0;
        return Math.min(LARGEST_RESERVE * level.capacity(), Math.max(ofTime, ofRequests));
    }

    /** The total rate of all processes that the level calls for, as a part of the refill. */
    private double wanted(double left) {
        if (level.enforced().compareTo(SHORTEST) <= 0) {
            return 1;
        }
        if (left < reserve) {
            return LEAST_WANTED + (1 - LEAST_WANTED) * Math.max(0, left) / reserve;
        }
        // A limit that is enforced over a shorter time has no burst to give.
        boolean burst = level.enforced().equals(level.window());
        return burst ? 1 + (left - reserve) / DRAINING / level.refill() : 1;
    }
}
