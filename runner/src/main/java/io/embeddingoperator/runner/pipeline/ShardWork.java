package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.sink.WindowSink;
import io.embeddingoperator.runner.source.WindowReader;
import java.util.Objects;

/** A shard that this process owns: where its windows are read and where they are committed. */
public record ShardWork(int shard, WindowReader reader, WindowSink sink) {
    public ShardWork {
        Objects.requireNonNull(reader, "reader");
        Objects.requireNonNull(sink, "sink");
    }
}
