package io.embeddingoperator.runner.pipeline;

/**
 * What a shard has committed so far.
 *
 * @param work in the source's unit
 * @param truncatedChunks chunks that the model could not take whole
 * @param unknownChunks chunks of which at least half of the tokens are unknown to the model
 * @param orphansDeleted documents that were removed because they are gone from the source or have no text any more
 */
public record ShardCounters(
        long work,
        long embedded,
        long skipped,
        long failed,
        long chunks,
        long tokens,
        long truncatedChunks,
        long unknownChunks,
        long orphansDeleted) {
    public static final ShardCounters ZERO = new ShardCounters(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** What a window says beside the documents that it embeds. */
    public static ShardCounters window(long work, long skipped, long failed) {
        return new ShardCounters(work, 0, skipped, failed, 0, 0, 0, 0, 0);
    }

    public static ShardCounters embedded(
            long documents, long chunks, long tokens, long truncatedChunks, long unknownChunks) {
        return new ShardCounters(0, documents, 0, 0, chunks, tokens, truncatedChunks, unknownChunks, 0);
    }

    public static ShardCounters failed(long documents) {
        return new ShardCounters(0, 0, 0, documents, 0, 0, 0, 0, 0);
    }

    public static ShardCounters orphansDeleted(long documents) {
        return new ShardCounters(0, 0, 0, 0, 0, 0, 0, 0, documents);
    }

    /** These without some of the embedded documents, which are counted when they are read. */
    public ShardCounters withoutDocuments(long countedLater) {
        return new ShardCounters(
                work,
                embedded - countedLater,
                skipped,
                failed,
                chunks,
                tokens,
                truncatedChunks,
                unknownChunks,
                orphansDeleted);
    }

    /**
     * Whether the shard had these counters before it had the others. All but {@code embedded} only grow while one owner commits;
     * a shard that completes may find that it has counted a document twice.
     */
    public boolean isOlderThan(ShardCounters other) {
        return work < other.work
                || skipped < other.skipped
                || failed < other.failed
                || chunks < other.chunks
                || tokens < other.tokens
                || truncatedChunks < other.truncatedChunks
                || unknownChunks < other.unknownChunks
                || orphansDeleted < other.orphansDeleted;
    }

    public ShardCounters plus(ShardCounters other) {
        return new ShardCounters(
                work + other.work,
                embedded + other.embedded,
                skipped + other.skipped,
                failed + other.failed,
                chunks + other.chunks,
                tokens + other.tokens,
                truncatedChunks + other.truncatedChunks,
                unknownChunks + other.unknownChunks,
                orphansDeleted + other.orphansDeleted);
    }
}
