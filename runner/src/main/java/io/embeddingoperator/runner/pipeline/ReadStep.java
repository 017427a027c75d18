package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.source.SourceWindow;
import java.util.concurrent.Future;

/** What the reader hands to the batcher, in the order of the source. */
sealed interface ReadStep {
    record Window(ShardWork shard, SourceWindow source, Future<PreparedWindow> preparation) implements ReadStep {}

    record ShardEnd(ShardWork shard) implements ReadStep {}

    record End() implements ReadStep {}
}
