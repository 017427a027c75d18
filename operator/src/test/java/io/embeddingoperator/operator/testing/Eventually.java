package io.embeddingoperator.operator.testing;

import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions about what takes its time. */
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Eventually() {}

    /** Tries until it holds, for half a minute. */
    public static void eventually(ThrowingCallable assertion) {
        eventually(PATIENCE, assertion);
    }

    public static void eventually(Duration limit, ThrowingCallable assertion) {
        Instant end = Instant.now().plus(limit);
        while (true) {
            try {
                assertion.call();
                return;
            } catch (Throwable failure) {
                if (Instant.now().isAfter(end)) {
                    throw failure instanceof Error error ? error : new AssertionError(failure);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
