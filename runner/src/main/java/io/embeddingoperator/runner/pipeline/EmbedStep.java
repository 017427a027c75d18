package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.Batch;

/** What the batcher hands to the embedder's threads. */
sealed interface EmbedStep {
    record Embed(Batch batch, OpenDocuments documents) implements EmbedStep {}

    record End() implements EmbedStep {}
}
