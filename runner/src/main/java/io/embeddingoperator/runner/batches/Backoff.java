package io.embeddingoperator.runner.batches;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses that grow by half from one to the next, up to a longest one, with jitter so that many runners do not ask in step. */
final class Backoff {
    private static final double JITTER = 0.2;

    private final Duration first;
    private final Duration longest;
    private Duration next;

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    Duration pause() {
        Duration pause = next;
        Duration longer = next.multipliedBy(3).dividedBy(2);
        next = longer.compareTo(longest) < 0 ? longer : longest;
        double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        return Duration.ofNanos((long) (pause.toNanos() * factor));
    }

    void reset() {
        next = first;
    }
}
