package io.embeddingoperator.bench.pacing;

import java.util.random.RandomGenerator;

/** The lengths of texts, in tokens. */
enum Texts {
    /** Titles, paragraphs and whole pages: log-normal, half of them below 120 tokens, one in a thousand above 4,800. */
    MIXED("mixed lengths") {
        @Override
        double draw(RandomGenerator random) {
            return 120 * Math.exp(1.2 * random.nextGaussian());
        }
    },
    SHORT("short texts") {
        @Override
        double draw(RandomGenerator random) {
            return 12 * Math.exp(0.4 * random.nextGaussian());
        }
    },
    LONG("long texts") {
        @Override
        double draw(RandomGenerator random) {
            return random.nextDouble(2_000, MOST);
        }
    };

    private static final int MOST = 8_191;

    private final String words;

    Texts(String words) {
        this.words = words;
    }

    abstract double draw(RandomGenerator random);

    int next(RandomGenerator random) {
        return Math.clamp((long) draw(random), 2, MOST);
    }

    @Override
    public String toString() {
        return words;
    }
}
