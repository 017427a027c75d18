package io.embeddingoperator.runner.embed.openai.pacing;

/**
 * How many requests may be in flight where nothing is known of limits: it begins with one, grows while replies are good and is
 * halved when the server asks for a pause.
 */
final class ConcurrencyWindow {
    private static final double MOST = 1_024;

    private double size = 1;
    private double calm = MOST;

    boolean allows(int inFlight) {
        return inFlight < (int) size;
    }

    /** By one a reply while no refusal is near, which doubles it in one round; by one a round beyond that. */
    void grow() {
        size = Math.min(MOST, size + (size < calm ? 1 : 1 / size));
    }

    void halve() {
        calm = Math.max(1, size / 2);
        size = calm;
    }
}
