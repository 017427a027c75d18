package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import java.time.Duration;

/** A model did not end a call within its {@link InferenceLimit}, and was stopped. */
final class InferenceTimeoutException extends OrtException {
    private static final long serialVersionUID = 1L;

    InferenceTimeoutException(Duration limit) {
        super("it did not end within %d s and was stopped".formatted(limit.toSeconds()));
    }
}
