package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourcePlan;
import java.util.List;
import java.util.Objects;

/**
 * What a run is to read.
 *
 * @param source with one range a shard
 * @param kept files that none of them has
 */
public record Plan(SourcePlan source, KeptFiles kept) {
    public Plan {
        List<ShardRange> ranges = source.ranges();
        for (int shard = 0; shard < ranges.size(); shard++) {
            if (ranges.get(shard).shard() != shard) {
                throw new IllegalStateException("range %d of the plan says that it is shard %d"
                        .formatted(shard, ranges.get(shard).shard()));
            }
        }
        if (ranges.isEmpty()) {
            throw new IllegalStateException("a plan has at least one range");
        }
        Objects.requireNonNull(kept, "kept");
    }

    List<ShardRange> ranges() {
        return source.ranges();
    }

    /** How many documents are as the run before left them, and count as skipped before the first one is read. */
    long skipped() {
        return source.unread() + kept.documents();
    }
}
