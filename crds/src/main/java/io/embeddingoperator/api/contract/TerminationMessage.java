package io.embeddingoperator.api.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;

/** The last words of a runner: its final progress as JSON, within what Kubernetes keeps. */
public final class TerminationMessage {
    /** Kubernetes keeps this many bytes of a container's termination message and cuts the rest. */
    public static final int MAX_BYTES = 4096;

    /** Where Kubernetes reads it unless a container says otherwise. */
    public static final String DEFAULT_PATH = "/dev/termination-log";

    private static final ObjectMapper JSON = new ObjectMapper();

    private TerminationMessage() {}

    /** The progress as JSON of at most {@link #MAX_BYTES} bytes of UTF-8: only its sentence is shortened to fit. */
    public static String write(Progress progress) {
        String message = json(progress);
        String sentence = progress.message();
        while (message.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES && sentence != null && !sentence.isEmpty()) {
            int end = sentence.offsetByCodePoints(0, sentence.codePointCount(0, sentence.length()) * 3 / 4);
            sentence = sentence.substring(0, end);
            message = json(progress.withOutcome(progress.phase(), sentence.isEmpty() ? "…" : sentence + "…"));
        }
        return message;
    }

    /** Reads what {@link #write} wrote. */
    public static Progress read(String message) throws JsonProcessingException {
        return JSON.readValue(message, Progress.class);
    }

    private static String json(Progress progress) {
        try {
            return JSON.writeValueAsString(progress);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a progress record is always JSON", e);
        }
    }
}
