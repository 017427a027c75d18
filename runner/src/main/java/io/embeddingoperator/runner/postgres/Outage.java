package io.embeddingoperator.runner.postgres;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a database is away, as all threads that use it see it: an outage is logged once, and so is its end. */
final class Outage {
    private static final Logger log = LoggerFactory.getLogger(Outage.class);

    /** Work of hours may be cut off some times; work that is cut off each time will not end. */
    private static final int RENEWALS = 3;

    private final ConnectionUri uri;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private final AtomicReference<Long> since = new AtomicReference<>();
    private volatile String last = "";

    Outage(ConnectionUri uri, Duration patience) {
        this(uri, patience, System::nanoTime);
    }

    Outage(ConnectionUri uri, Duration patience, LongSupplier nanoTime) {
        this.uri = uri;
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    /** @param words of what failed, asked for by the first one that sees it */
    void seen(Supplier<String> words) {
        if (since.compareAndSet(null, nanoTime.getAsLong())) {
            last = words.get();
            log.warn("{}: {}; trying again for up to {} s", uri, last, patience.toSeconds());
        }
    }

    /** Why work is tried again just now; empty while the server answers. */
    Optional<String> sentence() {
        return since.get() == null ? Optional.empty() : Optional.of("%s is tried again: %s".formatted(uri, last));
    }

    void over() {
        Long start = since.getAndSet(null);
        if (start != null) {
            log.info(
                    "{} is back after {} s",
                    uri,
                    Duration.ofNanos(nanoTime.getAsLong() - start).toSeconds());
        }
    }

    /**
     * The patience of one piece of work: it wears out while attempts fail, and is new after an attempt that went well
     * long, a few times at the most.
     */
    final class Patience {
        private final AtomicLong began = new AtomicLong(nanoTime.getAsLong());
        private final AtomicInteger renewals = new AtomicInteger();

        boolean isOver() {
            return nanoTime.getAsLong() - began.get() > patience.toNanos();
        }

        void attemptFailed(Duration attempt) {
            // Waiting for a connection alone takes some seconds and is no attempt that went well.
            if (attempt.compareTo(patience.plusMinutes(1)) > 0 && renewals.getAndIncrement() < RENEWALS) {
                began.set(nanoTime.getAsLong());
            }
        }
    }
}
