package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.contract.PrintableText;
import java.util.regex.Pattern;

/** What ONNX Runtime says went wrong, without where in its own sources it found out. */
final class Reason {
    private static final Pattern PLACE = Pattern.compile("^.*\\[ONNXRuntimeError] : \\d+ : \\w+ : ", Pattern.DOTALL);

    private static final int LONGEST = 500;

    private Reason() {}

    /** On one line, to stand inside a sentence. */
    static String of(OrtException failure) {
        String message = failure.getMessage();
        String reason = PLACE.matcher(message).replaceFirst("").strip().replaceAll("\\s*\\R\\s*", " ");
        // It quotes names that the model's author chose.
        return PrintableText.of(reason.isEmpty() ? message : reason, LONGEST);
    }
}
