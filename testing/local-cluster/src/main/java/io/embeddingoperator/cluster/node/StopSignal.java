package io.embeddingoperator.cluster.node;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tells all threads of a pod that it is to end, and how much time its processes have for it. */
final class StopSignal {
    private final CompletableFuture<Duration> grace = new CompletableFuture<>();

    /** The first request counts. */
    void request(Duration grace) {
        this.grace.complete(grace);
    }

    boolean requested() {
        return grace.isDone();
    }

    /** Waits; true when the stop was requested before the time was over. */
    boolean requestedWithin(Duration time) throws InterruptedException {
        try {
            grace.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notRequested) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Completes with the time to end in. */
    CompletableFuture<Duration> grace() {
        return grace;
    }
}
