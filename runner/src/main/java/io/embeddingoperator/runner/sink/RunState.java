package io.embeddingoperator.runner.sink;

import java.util.List;
import java.util.function.IntPredicate;

/**
 * A run as its committed windows left it.
 *
 * @param shards by ascending shard number
 * @param orphansDeletedAtEnd documents that were removed after the last shard, beside those that shards removed
 * @param complete whether {@link EmbeddingSink#finish} is through: every shard, the orphans and the index
 */
public record RunState(List<ShardState> shards, long orphansDeletedAtEnd, boolean complete) {
    public RunState {
        shards = List.copyOf(shards);
    }

    /** The sum over all shards and the end of the run. */
    public ShardCounters totals() {
        return shards.stream()
                .map(ShardState::counters)
                .reduce(ShardCounters.orphansDeleted(orphansDeletedAtEnd), ShardCounters::plus);
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
}
