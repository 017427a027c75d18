package io.embeddingoperator.api.v1alpha1;

/** How texts are submitted. */
public enum OpenAiMode {
    Realtime,
    Batch,
    /** Of OpenAI Batch above batchThreshold pending documents; otherwise, and of every other server, Realtime. */
    Auto
}
