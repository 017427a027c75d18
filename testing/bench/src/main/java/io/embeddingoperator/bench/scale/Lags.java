package io.embeddingoperator.bench.scale;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** How long it took, many times over. */
record Lags(List<Duration> sorted) {
    /** @param lags in any order */
    static Lags of(List<Duration> lags) {
        return new Lags(lags.stream().sorted().toList());
    }

    int count() {
        return sorted.size();
    }

    /** The least one that is not exceeded by more than the others of so many percent. */
    Duration percentile(int percent) {
        if (sorted.isEmpty()) {
            throw new IllegalStateException("nothing was seen: there is no percentile of no times");
        }
        return sorted.get(Math.max(0, Math.ceilDiv(sorted.size() * percent, 100) - 1));
    }

    /** A row of the report's table of times. */
    String row(String name) {
        return String.format(
                Locale.ROOT,
                "| %s | %,d | %.2f s | %.2f s | %.2f s |",
                name,
                count(),
                seconds(percentile(50)),
                seconds(percentile(99)),
                seconds(sorted.getLast()));
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
