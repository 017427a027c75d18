package io.embeddingoperator.openai.simulator.fault;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Holds one request until a test releases it: where a process is to be killed in the middle of a step, before the server has
 * done it or after.
 */
public final class Hold {
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    /** When the request is held. */
    public enum Moment {
        BEFORE_IT_IS_EXECUTED,
        BEFORE_ITS_REPLY
    }

    Hold() {}

    /** Whether the request has come within this time. */
    public boolean reached(Duration within) {
        return await(reached, within);
    }

    public boolean isReached() {
        return reached.getCount() == 0;
    }

    public void release() {
        released.countDown();
    }

    void pass() {
        reached.countDown();
        await(released, LONGEST);
    }

    private static boolean await(CountDownLatch latch, Duration within) {
        try {
            return latch.await(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a request was held", e);
        }
    }
}
