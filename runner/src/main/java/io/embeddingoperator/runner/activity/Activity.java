package io.embeddingoperator.runner.activity;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One thing that a thread of this process does outside of it, or with a model: it may take long, or never end. */
public final class Activity implements AutoCloseable {
    private final Activities all;
    private final LongSupplier nanoTime;
    private final Thread thread = Thread.currentThread();
    private final String name;
    private final long since;
    private volatile Supplier<Optional<String>> detail = Optional::empty;

    Activity(Activities all, String name, LongSupplier nanoTime) {
        this.all = all;
        this.name = name;
        this.nanoTime = nanoTime;
        this.since = nanoTime.getAsLong();
    }

    /** Something knows why it takes so long, for example whose lock it waits for; it is asked only once it does. */
    public void explainedBy(Supplier<Optional<String>> why) {
        detail = why;
    }

    /** How long it has taken so far. */
    public Duration age() {
        return Duration.ofNanos(nanoTime.getAsLong() - since);
    }

    /** For example: {@code Taking shard 3 has taken 42 s so far: it waits for a lock of process 4711}. */
    public String sentence() {
        return "%s has taken %d s so far%s"
                .formatted(
                        name,
                        age().toSeconds(),
                        detail.get().map(why -> ": " + why).orElse(""));
    }

    Thread thread() {
        return thread;
    }

    long since() {
        return since;
    }

    /** It is over. */
    @Override
    public void close() {
        all.ended(this);
    }
}
