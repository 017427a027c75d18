package io.embeddingoperator.runner.embed.openai.pacing;

/**
 * The part of the account's rate that this process takes: 1 is all of it. No process shares it out. All processes see one bucket and
 * follow one law, with two parts:
 *
 * <ul>
 *   <li>All together: the wanted total rate is the refill, more while more than the reserve is left, less while less is left.
 *       A process that sees the total differ from it changes the own rate by the same factor as all others, so that proportions stay.
 *   <li>Among each other: a small share grows faster than a large one, by a term that depends on the own share alone.
 *       What all gain by it is taken back by the first part in proportion, as in additive increase and multiplicative decrease,
 *       but without a sawtooth: the level settles where both parts cancel, and that is where all shares are equal.
 * </ul>
 *
 * <p>With {@code n} equal shares that is where the wanted total is {@code n^(-FOLLOWING / EVENING)} of the refill: half of it for
 * 64. What is used then is the refill itself, neither more nor less, or the level would not stay. So the level tells everybody how
 * many there are, and a newcomer who reads it has his share within {@link #EVENING} seconds or some more.
 *
 * <p>News are as old as the last reply. Both parts go slower the rarer replies are, in the same proportion, and a share moves only
 * so far between two of them.
 */
final class Share {
    /** Seconds in which the total follows what is wanted. */
    private static final double FOLLOWING = 1.5;
    /** Seconds in which shares become alike. */
    private static final double EVENING = 9;
    /** Of one second, at most. */
    private static final double FASTEST = Math.log(2);

    /** Seconds between sightings up to which the law goes at its full speed. */
    private static final double PROMPT = 1.5;
    /** Of the full speed, however rare sightings are: else who has little would never hear enough to get more. */
    private static final double SLOWEST = 0.3;

    /** From one sighting to the next: a beginner doubles once a round trip, as in slow start. */
    private static final double MOST_GROWTH = Math.log(2);
    /** The same while no process uses the account. */
    private static final double MOST_LONELY_GROWTH = Math.log(64);

    private static final double MOST_FALL = -Math.log(2);

    private static final double LONGEST_STEP = 0.25;

    /** Of the wanted total: a beginner takes so little that many can begin at the same moment. */
    private static final double FIRST = 1.0 / 256;
    /** Against clients that never give way, something is left. */
    private static final double LEAST = -Math.log(1024);

    /** The natural logarithm: a change by a factor is a sum. */
    private double log;
    /** What was added since the last sighting, and what may be. */
    private double moved;

    private double mostGrowth = MOST_GROWTH;

    /** @param wanted the total rate that is wanted at first, as a part of the refill */
    Share(double wanted) {
        log = Math.log(FIRST * wanted);
    }

    double value() {
        return Math.exp(log);
    }

    /**
     * There are news of the level.
     *
     * @param unused whether the bucket was full but for the own request
     */
    void informed(boolean unused) {
        moved = 0;
        mostGrowth = unused ? MOST_LONELY_GROWTH : MOST_GROWTH;
    }

    /**
     * Goes on by so many seconds.
     *
     * @param wanted the total rate that is wanted, as a part of the refill
     * @param others what others use, as a part of the refill
     * @param spacing seconds between sightings
     * @param fastest the most growth of a second, as a logarithm
     */
    void advance(double seconds, double wanted, double others, double spacing, double fastest) {
        double speed = Math.clamp(PROMPT / spacing, SLOWEST, 1);
        double left = seconds;
        while (left > 0) {
            double step = Math.min(left, LONGEST_STEP);
            double growth = Math.log(wanted / (value() + others)) / FOLLOWING - log / EVENING;
            double change = step * speed * Math.clamp(growth, -FASTEST, Math.min(fastest, FASTEST));
            double most = Math.clamp(moved + change, MOST_FALL, mostGrowth);
            log = Math.max(LEAST, log + most - moved);
            moved = most;
            left -= step;
        }
    }

    void reduceTo(double part) {
        log = Math.max(LEAST, log + Math.log(part));
    }
}
