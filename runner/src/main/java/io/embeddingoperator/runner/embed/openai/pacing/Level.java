package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;

/**
 * One bucket of the account as this process sees it: what the last reply told, carried forward to now by the refill, by what this
 * process has sent since and by what all others seem to send. Amounts are requests or tokens, times seconds.
 */
final class Level {
    /** Two sightings that are closer tell more about the network's jitter than about others. */
    private static final double LEAST_SPACING = 0.5;
    /** Over how long others' use is averaged. */
    private static final double MEMORY = 1;
    /** Above it a bucket overflows, and says nothing of how much is used. */
    private static final double FULL = 0.98;
    /** Others see the same bucket and stop what is too much: none of it lasts. */
    private static final double LASTING = 0.9;

    private static final double LASTING_AT_BEST = 0.7;

    /** In which others are forgotten of whom only a refusal told. */
    private static final double FORGETTING = 60;

    private static final double SPACING_MEMORY = 0.3;

    private double limit;
    private Duration window;
    private Duration enforced;
    private double own;
    private double others;
    private double spacing;
    private double hidden;
    private Sighting last;
    private Sighting anchor;

    Level(double limit, Duration window, double now) {
        this.limit = limit;
        this.window = window;
        this.enforced = window;
        last = new Sighting(now, limit, 0);
        anchor = last;
    }

    /** @param own what this process had sent up to the request whose reply told it, that one included */
    private record Sighting(double at, double told, double own) {}

    double limit() {
        return limit;
    }

    Duration window() {
        return window;
    }

    double refill() {
        return limit / seconds(window);
    }

    /** The most that there can be: less than the limit where it is enforced over less than its window. */
    double capacity() {
        return refill() * seconds(enforced);
    }

    /** All that this process ever sent: a request keeps it, to tell later what its reply has seen. */
    double own() {
        return own;
    }

    void sent(double amount) {
        own += amount;
    }

    /** What others use a second. */
    double others() {
        return others;
    }

    /** When the request was sent whose reply told last. */
    double seenAt() {
        return last.at;
    }

    /** What the last reply told to be left when its request was admitted. */
    double lastTold() {
        return last.told;
    }

    /** Seconds between sightings, of late. */
    double spacing(double now) {
        return Math.max(spacing, now - last.at);
    }

    /** What is left now, as far as it can be known; less than nothing where this process sent more than there was. */
    double at(double now) {
        return at(now, LASTING);
    }

    /** The same for a thread that waits until enough is left: it should rather try than wait for news that no reply brings. */
    double atBest(double now) {
        return at(now, LASTING_AT_BEST);
    }

    private double at(double now, double lasting) {
        double age = now - last.at;
        double lately = MEMORY * (1 - Math.exp(-age / MEMORY));
        double othersSince = others * lately + Math.min(others, lasting * refill()) * (age - lately);
        double left = last.told - hidden + refill() * age;
        // Others cannot take what is not there.
        return Math.min(capacity(), Math.max(left - othersSince, Math.min(0, left)) - (own - last.own));
    }

    void change(double newLimit, Duration newWindow) {
        double before = refill();
        enforced = enforced.equals(window) || enforced.compareTo(newWindow) > 0 ? newWindow : enforced;
        limit = newLimit;
        window = newWindow;
        others *= refill() / before;
    }

    /** A reply told what was left when its request was admitted; replies that were overtaken tell nothing new. */
    void seen(double sentAt, double ownWithIt, double told) {
        if (sentAt < last.at) {
            return;
        }
        spacing += (sentAt - last.at - spacing) * SPACING_MEMORY;
        last = new Sighting(sentAt, Math.min(told, limit), ownWithIt);
        // What is enforced over a shorter time moves as the window's bucket does, until it is full.
        hidden = Math.max(hidden, last.told - capacity());
        double elapsed = sentAt - anchor.at;
        if (elapsed < LEAST_SPACING) {
            return;
        }
        boolean overflowed = Math.max(anchor.told, last.told) >= FULL * limit;
        double used = anchor.told - last.told + refill() * elapsed - (ownWithIt - anchor.own);
        double rate = overflowed ? 0 : Math.max(0, used / elapsed);
        others += (rate - others) * (1 - Math.exp(-elapsed / MEMORY));
        anchor = last;
    }

    /**
     * A reply told nothing, as all before it. What this process knows of its own use is taken for the truth, until a refusal tells
     * that others have used the rest.
     */
    void assumed(double sentAt, double ownWithIt, boolean good) {
        if (sentAt < last.at) {
            return;
        }
        others *= Math.exp((last.at - sentAt) / FORGETTING);
        double left = at(sentAt) + own - ownWithIt;
        seen(sentAt, ownWithIt, good ? Math.max(0, left) : 0);
    }

    /** The time over which the limit is enforced, which may be shorter than its window. */
    Duration enforced() {
        return enforced;
    }

    /** What is left of the window beyond the part of this time is of no use. */
    void enforce(Duration time) {
        enforced = time;
        hidden = Math.max(hidden, last.told - capacity());
    }

    /** Of what the window has left, what is enforced now leaves nothing. */
    void exhausted() {
        hidden = last.told;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
