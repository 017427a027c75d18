package io.embeddingoperator.runner.sink.run;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.source.Position;
import java.util.Objects;
import java.util.Optional;

/**
 * The right to commit windows of a shard, until another process takes it.
 *
 * @param epoch raised by each new owner; a window commits under the newest one alone
 * @param position of the last committed window; empty at the start of the range
 * @param windows how many windows were committed, by all owners
 * @param counters what they committed
 */
public record ShardLease(int shard, long epoch, Optional<Position> position, long windows, Counts counters) {
    public ShardLease {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(counters, "counters");
    }
}
