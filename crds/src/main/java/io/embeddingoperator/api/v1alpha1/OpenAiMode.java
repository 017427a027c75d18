package io.embeddingoperator.api.v1alpha1;

/** How texts are submitted to OpenAI. */
public enum OpenAiMode {
    Realtime,
    Batch,
    /** Batch above batchThreshold pending documents, otherwise Realtime. */
    Auto
}
