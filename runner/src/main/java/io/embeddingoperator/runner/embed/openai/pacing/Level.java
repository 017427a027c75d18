package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;

/**
 * The account's bucket as this process sees it: what the last reply told, carried forward to now by the refill, by what this
 * process has sent since and by what all others seem to send. Amounts are requests or tokens, times seconds.
 */
final class Level {
    /** Two sightings that are closer tell more about the network's jitter than about others. */
    private static final double LEAST_SPACING = 0.5;
    /** Over how long others' use is averaged. */
    private static final double MEMORY = 3;
    /** Above it a bucket overflows, and says nothing of how much is used. */
    private static final double FULL = 0.98;

    private double limit;
    private Duration window;
    private double own;
    private double others;
    private Sighting last;
    private Sighting anchor;

    Level(double limit, Duration window, double now) {
        this.limit = limit;
        this.window = window;
        last = new Sighting(now, limit, 0);
        anchor = last;
    }

    /** @param own what this process had sent up to the request whose reply told it, that one included */
    private record Sighting(double at, double level, double own) {}

    double limit() {
        return limit;
    }

    Duration window() {
        return window;
    }

    double refill() {
        return limit / seconds(window);
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

    void change(double newLimit, Duration newWindow) {
        double before = refill();
        limit = newLimit;
        window = newWindow;
        others *= refill() / before;
    }

    /** What is left now, as far as it can be known; less than nothing where more was sent than there was. */
    double at(double now) {
        double age = now - last.at;
        // Others see the same bucket: what they do too much they will stop.
        double othersSince = others * MEMORY * (1 - Math.exp(-age / MEMORY));
        return Math.min(limit, last.level + refill() * age - othersSince - (own - last.own));
    }

    /** A reply told what was left when its request was admitted; replies that were overtaken tell nothing new. */
    void seen(double sentAt, double ownWithIt, double remaining) {
        if (sentAt < last.at) {
            return;
        }
        last = new Sighting(sentAt, Math.min(remaining, limit), ownWithIt);
        double elapsed = sentAt - anchor.at;
        if (elapsed < LEAST_SPACING) {
            return;
        }
        boolean overflowed = Math.max(anchor.level, last.level) >= FULL * limit;
        double used = anchor.level - last.level + refill() * elapsed - (ownWithIt - anchor.own);
        double rate = overflowed ? 0 : Math.max(0, used / elapsed);
        others += (rate - others) * (1 - Math.exp(-elapsed / MEMORY));
        anchor = last;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
