package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.Batch;

/** What the batcher hands to the embedder's threads. */
sealed interface EmbedStep {
    record Embed(Batch batch, OpenWindow window) implements EmbedStep {}

    record End() implements EmbedStep {}
}
