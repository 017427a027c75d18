package io.embeddingoperator.runner.sink.run;

import io.embeddingoperator.api.contract.Counts;
import java.util.Objects;

/**
 * What several shards of a run have committed together.
 *
 * @param completeShards how many of them are complete
 */
public record RunTotals(Counts counters, int completeShards) {
    public static final RunTotals ZERO = new RunTotals(Counts.ZERO, 0);

    public RunTotals {
        Objects.requireNonNull(counters, "counters");
    }

    public RunTotals plus(RunTotals other) {
        return new RunTotals(counters.plus(other.counters), completeShards + other.completeShards);
    }
}
