package io.embeddingoperator.runner.sink.run;

import io.embeddingoperator.api.contract.Counts;
import java.util.Objects;

/**
 * A shard as its last committed window left it.
 *
 * @param plannedWork in the source's unit
 */
public record ShardState(int shard, long plannedWork, Counts counters, boolean complete) {
    public ShardState {
        Objects.requireNonNull(counters, "counters");
    }
}
