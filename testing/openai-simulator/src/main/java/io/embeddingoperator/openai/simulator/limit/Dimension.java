package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/**
 * One published limit with what is left of it. The headers tell of the published window alone; where the limit is enforced over
 * a shorter time, a second bucket of that size must suffice as well.
 */
final class Dimension {
    private static final double ROUNDING = 1e-6;

    private final Kind kind;
    private Limit limit;
    private Bucket published;
    private Bucket enforced;

    Dimension(Kind kind, Limit limit, Instant now) {
        this.kind = kind;
        this.limit = limit;
        this.published = Bucket.full(limit.amount(), limit.perNano(), now);
        this.enforced = Bucket.full(part(limit), limit.perNano(), now);
    }

    /** What is left stays, as far as the new limit has room for it: a bucket that was empty is empty. */
    void change(Limit changed, Instant now) {
        refill(now);
        published = new Bucket(changed.amount(), changed.perNano(), published.level(), now);
        enforced = new Bucket(part(changed), changed.perNano(), enforced.level(), now);
        limit = changed;
    }

    private static double part(Limit limit) {
        // Less than one request could never be passed.
        return Math.max(
                1,
                limit.amount()
                        * ((double) limit.enforcedOver().toNanos()
                                / limit.window().toNanos()));
    }

    void refill(Instant now) {
        published.refill(now);
        enforced.refill(now);
    }

    /** Of what is larger than a short period's part, the whole part is asked and the rest is owed. */
    boolean has(long amount) {
        return published.has(amount) && (!limit.enforcedOverShorter() || enforced.has(shortly(amount)));
    }

    private double shortly(long amount) {
        return Math.min(amount, enforced.capacity());
    }

    void take(long amount) {
        published.take(amount);
        enforced.take(amount);
    }

    Kind kind() {
        return kind;
    }

    Limit limit() {
        return limit;
    }

    /** A fraction that is not left is used. */
    long remaining() {
        return (long) Math.floor(published.level() + ROUNDING);
    }

    long used() {
        return limit.amount() - remaining();
    }

    /** {@code (used + requested - limit) / limit} of the window, out of the numbers that the message names. */
    Duration tryAgainIn(long amount) {
        Duration told = share(Math.max(0, used() + amount - limit.amount()));
        if (!limit.enforcedOverShorter() || enforced.has(shortly(amount))) {
            return told;
        }
        Duration shortly = enforced.until(shortly(amount));
        return shortly.compareTo(told) > 0 ? shortly : told;
    }

    Quota.Standing standing() {
        return new Quota.Standing(limit.amount(), remaining(), share(used()));
    }

    /** In whole numbers: what is exactly 6 ms must not become 5.999. */
    private Duration share(long amount) {
        long micros = TimeUnit.MICROSECONDS.convert(limit.window());
        return Duration.of(Math.multiplyExact(amount, micros) / limit.amount(), ChronoUnit.MICROS);
    }

    /** What is counted. */
    enum Kind {
        REQUESTS("requests", 'R'),
        TOKENS("tokens", 'T');

        private final String word;
        private final char letter;

        Kind(String word, char letter) {
            this.word = word;
            this.letter = letter;
        }

        /** The type of the error. */
        String word() {
            return word;
        }

        /** {@code tokens per min (TPM)}. */
        String named(Limit limit) {
            return word + " " + limit.perWindow() + " (" + letter + "P" + limit.windowLetter() + ")";
        }
    }
}
