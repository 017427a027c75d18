package io.embeddingoperator.bench.pacing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;

/** Puts texts into requests, in their order. */
final class Packing {
    private static final long MOST_TOKENS = 300_000;

    private final Texts texts;
    private final int mostTexts;
    private final RandomGenerator random;
    private final Deque<Request> again = new ArrayDeque<>();
    private int waiting;

    Packing(Texts texts, int mostTexts, RandomGenerator random) {
        this.texts = texts;
        this.mostTexts = mostTexts;
        this.random = random;
        this.waiting = texts.next(random);
    }

    record Request(int texts, long tokens) {}

    /** Refused requests first. */
    Request next(long preferredTokens) {
        if (!again.isEmpty()) {
            return again.poll();
        }
        long most = Math.min(preferredTokens, MOST_TOKENS);
        int number = 0;
        long tokens = 0;
        while (number == 0 || (number < mostTexts && tokens + waiting <= most)) {
            tokens += waiting;
            number++;
            waiting = texts.next(random);
        }
        return new Request(number, tokens);
    }

    void putBack(Request request) {
        again.add(request);
    }
}
