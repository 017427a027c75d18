package io.embeddingoperator.runner.embed.onnx.model;

import java.util.Objects;

/** What lets its owner read gated and private models of the hub. */
record HubToken(String value) {
    HubToken {
        Objects.requireNonNull(value, "value");
    }

    /** No log shows it. */
    @Override
    public String toString() {
        return "***";
    }
}
