package io.embeddingoperator.runner.embed.openai.pacing;

/**
 * The part of the account's rate that this process takes: 1 is all of it. Nobody shares it out. All processes see one bucket and
 * follow one law, with two parts:
 *
 * <ul>
 *   <li>All together: the wanted total rate is the refill, more while more than the reserve is left, less while less is left.
 *       Whoever sees the total differ from it changes the own rate by the same factor as all others, so that proportions stay.
 *   <li>Among each other: whoever has little grows faster than whoever has much, by a term that depends on the own share alone.
 *       What all gain by it is taken back by the first part in proportion, as in additive increase and multiplicative decrease;
 *       the level settles a little lower the more processes there are, and every share at the same value.
 * </ul>
 */
final class Share {
    /** Seconds in which the total follows what is wanted. */
    private static final double FOLLOWING = 2;
    /** Seconds in which shares become alike. */
    private static final double EVENING = 12;
    /** Of one second, at most: fast enough to begin small, slow enough to see a reply in between. */
    private static final double FASTEST_GROWTH = Math.log(2);

    private static final double FASTEST_FALL = -1.5;
    private static final double LONGEST_STEP = 0.25;

    /** A beginner takes so little that many can begin at the same moment. */
    private static final double FIRST = Math.log(1.0 / 256);
    /** Against clients that never give way, something is left. */
    private static final double LEAST = Math.log(1.0 / 1024);

    /** The natural logarithm: a change by a factor is a sum. */
    private double log = FIRST;

    double value() {
        return Math.exp(log);
    }

    /**
     * Goes on by so many seconds.
     *
     * @param wanted the total rate that is wanted, as a part of the refill
     * @param others what others use, as a part of the refill
     * @param most beyond which this share would not be used
     */
    void advance(double seconds, double wanted, double others, double most) {
        double left = seconds;
        while (left > 0) {
            double step = Math.min(left, LONGEST_STEP);
            double growth = Math.log(wanted / (value() + others)) / FOLLOWING - log / EVENING;
            log += step * Math.clamp(growth, FASTEST_FALL, FASTEST_GROWTH);
            left -= step;
        }
        log = Math.clamp(log, LEAST, Math.max(FIRST, Math.log(most)));
    }

    void reduceTo(double part) {
        log = Math.max(LEAST, log + Math.log(part));
    }
}
