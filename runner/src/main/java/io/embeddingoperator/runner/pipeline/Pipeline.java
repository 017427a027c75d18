package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.Embedder;
import java.util.Iterator;

/**
 * Takes shards from the source to the sink. It may run again, also after a failure: nothing is left of what was not
 * committed.
 */
public final class Pipeline {
    private final Embedder embedder;
    private final Chunker chunker;
    private final PipelineLimits limits;
    private final PipelineListener listener;
    private volatile boolean stopping;

    public Pipeline(Embedder embedder, Chunker chunker, PipelineLimits limits, PipelineListener listener) {
        this.embedder = embedder;
        this.chunker = chunker;
        this.limits = limits;
        this.listener = listener;
    }

    /**
     * Runs shards to their end, or until {@link #stop}. Interrupting the caller's thread abandons what is not committed.
     *
     * @param shards asked for the next one when the one before has been read
     * @throws io.embeddingoperator.runner.failure.RunnerException as the first stage that failed threw it
     */
    public void run(Iterator<ShardWork> shards) throws InterruptedException {
        new Flow(embedder, chunker, limits, listener, this::stopping).run(shards);
    }

    /**
     * Reads no further. Windows whose embedding has begun are finished and committed, or where that means to ask a provider
     * again, kept as far as they are embedded; the others are dropped.
     */
    public void stop() {
        stopping = true;
    }

    /** Whether {@link #stop} was called. */
    public boolean stopping() {
        return stopping;
    }
}
