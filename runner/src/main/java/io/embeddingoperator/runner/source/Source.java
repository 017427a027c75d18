package io.embeddingoperator.runner.source;

import java.util.List;
import java.util.Optional;

/**
 * Where documents come from. A source divides itself into ranges once a run, and then reads each range in an order that
 * is always the same, so that a {@link Position} in it can be gone back to.
 */
public interface Source extends AutoCloseable {
    /** The key, the metadata and how work is counted; checked against the manifest when the source was opened. */
    SourceSchema schema();

    /**
     * Divides what a run has to read into balanced ranges, at most as many as asked for and at least one.
     *
     * @param shards from the manifest
     * @param known of which no range needs to have any part; a source that cannot tell what changed has all of it
     */
    SourcePlan plan(int shards, Known known);

    /** As {@link #plan(int, Known)}, of the whole source. */
    default List<ShardRange> plan(int shards) {
        return plan(shards, Known.NOTHING).ranges();
    }

    /**
     * Opens a range.
     *
     * @param after the position of the last committed window; empty to read the range from its start
     * @param windowDocuments of one window at the most; windows are bounded by bytes as well. A position found with another
     *     number is as good.
     */
    WindowReader read(ShardRange range, Optional<Position> after, int windowDocuments);

    /** The keys of all documents; empty where a run always reads everything. */
    default Optional<SourceKeys> keys() {
        return Optional.empty();
    }

    @Override
    void close();
}
