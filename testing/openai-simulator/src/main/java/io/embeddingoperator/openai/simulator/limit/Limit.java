package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;

/**
 * So much in a window of time, as published.
 *
 * @param amount what the window allows
 * @param window a minute, or a day for the requests of small accounts
 * @param enforcedOver the time over which the server really looks: the window itself, or a shorter one (60 a minute as 1 a
 *     second), over which no more than its part of the amount passes
 */
public record Limit(long amount, Duration window, Duration enforcedOver) {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);

    public Limit {
        if (amount < 1) {
            throw new IllegalArgumentException("a limit must allow at least 1, not " + amount);
        }
        if (!window.isPositive() || !enforcedOver.isPositive() || enforcedOver.compareTo(window) > 0) {
            throw new IllegalArgumentException(
                    "a limit's window must be positive and enforced over a part of it, not over " + enforcedOver
                            + " of " + window);
        }
    }

    public static Limit perMinute(long amount) {
        return new Limit(amount, MINUTE, MINUTE);
    }

    public static Limit perDay(long amount) {
        return new Limit(amount, DAY, DAY);
    }

    public Limit enforcedOver(Duration period) {
        return new Limit(amount, window, period);
    }

    /** The same window with another amount, at least 1. */
    public Limit times(double factor) {
        return new Limit(Math.max(1, Math.round(amount * factor)), window, enforcedOver);
    }

    /** As OpenAI writes it into messages, behind the name of the dimension. */
    String perWindow() {
        return window.equals(DAY) ? "per day" : "per min";
    }

    /** The letter that ends TPM and RPD. */
    char windowLetter() {
        return window.equals(DAY) ? 'D' : 'M';
    }

    double perNano() {
        return (double) amount / window.toNanos();
    }

    boolean enforcedOverShorter() {
        return enforcedOver.compareTo(window) < 0;
    }
}
