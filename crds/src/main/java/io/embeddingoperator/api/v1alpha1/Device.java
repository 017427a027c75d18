package io.embeddingoperator.api.v1alpha1;

/** Where a model runs. */
public enum Device {
    /** CUDA where it works, otherwise the CPU, and the log says which and why. */
    Auto,
    CUDA,
    CPU
}
