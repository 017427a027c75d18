package io.embeddingoperator.bench.scale;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/** Waits for what takes its time. */
final class Waiting {
    private Waiting() {}

    /** @throws IllegalStateException when it does not come true within this time */
    static void until(String event, Duration patience, BooleanSupplier happened) {
        Instant end = Instant.now().plus(patience);
        while (!happened.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new IllegalStateException("waited %d s in vain until %s".formatted(patience.toSeconds(), event));
            }
            pause(Duration.ofMillis(50));
        }
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
