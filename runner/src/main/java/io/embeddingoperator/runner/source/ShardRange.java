package io.embeddingoperator.runner.source;

import java.util.Objects;

/**
 * A part of a source that one shard reads.
 *
 * @param shard from 0
 * @param definition the range in the source's own notation, kept as it is in the sink's state; empty where another process has the shard
 * @param work how much there is to do, in the source's unit
 */
public record ShardRange(int shard, String definition, long work) {
    public ShardRange {
        if (shard < 0 || work < 0) {
            throw new IllegalArgumentException("shard %d with work %d: neither may be negative".formatted(shard, work));
        }
        Objects.requireNonNull(definition, "definition");
    }

    public ShardRange withoutDefinition() {
        return new ShardRange(shard, "", work);
    }
}
