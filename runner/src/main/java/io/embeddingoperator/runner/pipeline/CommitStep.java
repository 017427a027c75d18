package io.embeddingoperator.runner.pipeline;

/** What the batcher hands to the writer, in the order of the source. */
sealed interface CommitStep {
    record Window(ShardWork shard, OpenWindow window) implements CommitStep {}

    /** A window whose documents are embedded later. */
    record Later(ShardWork shard, LaterEmbedding later, PreparedWindow window) implements CommitStep {}

    record ShardEnd(ShardWork shard) implements CommitStep {}

    record End() implements CommitStep {}
}
