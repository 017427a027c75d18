package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.activity.Activities;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Whether anything moves. Where nothing does for a while, the process says what it is in the middle of. */
public final class Movement {
    private static final Duration WORTH_TELLING = Duration.ofSeconds(30);

    private final Activities activities;
    private final LongSupplier nanoTime;
    private final AtomicLong last;
    private final AtomicLong told;

    public Movement(Activities activities, LongSupplier nanoTime) {
        this.activities = activities;
        this.nanoTime = nanoTime;
        this.last = new AtomicLong(nanoTime.getAsLong());
        this.told = new AtomicLong(last.get());
    }

    /** Something moved just now. */
    public void seen() {
        last.set(nanoTime.getAsLong());
    }

    /** What a log should say now: as soon as it is worth telling, and again as long as it lasts, but not more often. */
    public Optional<Progress.Waiting> news() {
        long now = nanoTime.getAsLong();
        if (now - told.get() < WORTH_TELLING.toNanos()) {
            return Optional.empty();
        }
        Optional<Progress.Waiting> waiting = missing();
        waiting.ifPresent(_ -> told.set(now));
        return waiting;
    }

    /** What is waited for; empty while something moves, or where nothing has taken as long as nothing has moved. */
    public Optional<Progress.Waiting> missing() {
        Duration still = Duration.ofNanos(nanoTime.getAsLong() - last.get());
        return still.compareTo(WORTH_TELLING) < 0
                ? Optional.empty()
                : activities
                        .longest(WORTH_TELLING)
                        .map(activity ->
                                new Progress.Waiting(Progress.Waiting.Reason.Stalled, activity.sentence(), null));
    }
}
