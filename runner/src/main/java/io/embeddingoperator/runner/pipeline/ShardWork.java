package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.source.WindowReader;
import java.util.Objects;
import java.util.Optional;

/**
 * A shard that this process owns: where its windows are read and where they are committed.
 *
 * @param later takes the windows where documents are not embedded as they are read
 */
public record ShardWork(int shard, WindowReader reader, WindowSink sink, Optional<DeferredEmbedding> later) {
    public ShardWork {
        Objects.requireNonNull(reader, "reader");
        Objects.requireNonNull(sink, "sink");
        Objects.requireNonNull(later, "later");
    }

    /** A shard whose windows are embedded one after the other. */
    public ShardWork(int shard, WindowReader reader, WindowSink sink) {
        this(shard, reader, sink, Optional.empty());
    }
}
