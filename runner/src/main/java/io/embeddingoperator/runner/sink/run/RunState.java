package io.embeddingoperator.runner.sink.run;

import io.embeddingoperator.api.contract.Counts;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * A run as its committed windows left it.
 *
 * @param shards by ascending shard number
 * @param orphansDeletedAtEnd documents that were removed after the last shard, beside those that shards removed
 * @param markedComplete whether the end of the run is through: the orphans, the index, the mark
 * @param readAt when it was read, by the server's clock
 */
public record RunState(List<ShardState> shards, long orphansDeletedAtEnd, boolean markedComplete, Instant readAt) {
    public RunState {
        Objects.requireNonNull(readAt, "readAt");
        shards = List.copyOf(shards);
    }

    /** The sum over all shards and the end of the run. */
    public Counts totals() {
        return shards.stream().map(ShardState::counters).reduce(Counts.removed(orphansDeletedAtEnd), Counts::plus);
    }

    /** What those shards have committed whose number is wanted. */
    public RunTotals totals(IntPredicate wanted) {
        return shards.stream()
                .filter(state -> wanted.test(state.shard()))
                .map(state -> new RunTotals(state.counters(), state.complete() ? 1 : 0))
                .reduce(RunTotals.ZERO, RunTotals::plus);
    }

    /** Work of all shards, in the source's unit. */
    public long plannedWork() {
        return shards.stream().mapToLong(ShardState::plannedWork).sum();
    }

    public boolean allShardsComplete() {
        return shards.stream().allMatch(ShardState::complete);
    }

    /** Whether the run has reached its end. A mark alone would not do: the server that holds it may have lost a shard meanwhile. */
    public boolean complete() {
        return markedComplete && allShardsComplete();
    }

    public int completeShards() {
        return (int) shards.stream().filter(ShardState::complete).count();
    }
}
