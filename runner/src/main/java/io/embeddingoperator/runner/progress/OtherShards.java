package io.embeddingoperator.runner.progress;

import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.RunTotals;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a process cannot know by itself of its run: what the shards of others have committed, and what all of it has cost.
 * Each runner can tell of the whole run by it: the others' pods, and
 * their last words with them, may be gone. It is asked anew after a window of our own, and not oftener than a status needs:
 * however many runners there are, their questions together stay a trifle for the sink.
 */
public final class OtherShards {
    private static final Duration LEAST_INTERVAL = Duration.ofSeconds(2);

    /** The greatest number of all runners counts: the more there are, the less often each has to ask. */
    private static final Duration INTERVAL_PER_RUNNER = Duration.ofMillis(250);

    private final Supplier<RunTotals> stored;
    private final Supplier<RunMoney> costs;
    private final long interval;
    private final LongSupplier nanoTime;
    private volatile RunTotals known = RunTotals.ZERO;
    private volatile RunMoney money = RunMoney.NONE;
    private volatile long asked;

    /**
     * Takes them for empty until it is told otherwise.
     *
     * @param stored asks the sink for what others have committed
     * @param costs asks the sink for what the whole run has cost, this process's part included
     * @param runners how many may run at the same time
     */
    public OtherShards(Supplier<RunTotals> stored, Supplier<RunMoney> costs, int runners, LongSupplier nanoTime) {
        this.stored = stored;
        this.costs = costs;
        this.nanoTime = nanoTime;
        this.interval = Math.max(
                LEAST_INTERVAL.toNanos(),
                INTERVAL_PER_RUNNER.multipliedBy(runners).toNanos());
    }

    RunTotals known() {
        return known;
    }

    RunMoney money() {
        return money;
    }

    /** Another part has asked the sink anyway. */
    void told(RunTotals totals) {
        known = totals;
        money = costs.get();
        asked = nanoTime.getAsLong();
    }

    /** A good moment to ask: the sink has just answered. */
    void windowCommitted() {
        if (nanoTime.getAsLong() - asked >= interval) {
            told(stored.get());
        }
    }
}
