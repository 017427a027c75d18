package io.embeddingoperator.runner.pipeline;

/** What the batcher hands to the writer, in the order of the source. */
sealed interface CommitStep {
    record Window(ShardWork shard, OpenWindow window) implements CommitStep {}

    record ShardEnd(ShardWork shard) implements CommitStep {}

    record End() implements CommitStep {}
}
