package io.embeddingoperator.api.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;

/** The final progress of a runner as JSON, within what Kubernetes keeps. */
public final class TerminationMessage {
    /** Kubernetes keeps this many bytes of a container's termination message and cuts the rest. */
    public static final int MAX_BYTES = 4096;

    /** Where Kubernetes reads it unless a container says otherwise. */
    public static final String DEFAULT_PATH = "/dev/termination-log";

    private static final ObjectMapper JSON = new ObjectMapper();

    private TerminationMessage() {}

    /**
     * The progress as JSON of at most {@link #MAX_BYTES} bytes of UTF-8. To fit, failed documents are left out, the last
     * first, and then the sentence is shortened.
     *
     * @throws IllegalArgumentException when it does not fit even without the sentence
     */
    public static String write(Progress complete) {
        Progress progress = withFittingFailures(complete);
        String message = json(progress);
        String sentence = progress.message();
        while (bytes(message) > MAX_BYTES) {
            if (sentence == null || sentence.isEmpty()) {
                throw new IllegalArgumentException(
                        ("a progress document without its sentence takes %d bytes and Kubernetes keeps %d:"
                                        + " shorten job (%d characters)")
                                .formatted(
                                        bytes(message),
                                        MAX_BYTES,
                                        progress.process().job().length()));
            }
            int end = sentence.offsetByCodePoints(0, sentence.codePointCount(0, sentence.length()) * 3 / 4);
            sentence = sentence.substring(0, end);
            message = json(progress.withOutcome(progress.phase(), sentence.isEmpty() ? null : sentence + "…"));
        }
        return message;
    }

    private static Progress withFittingFailures(Progress progress) {
        Progress fitting = progress;
        while (fitting.failedDocuments() != null
                && !fitting.failedDocuments().isEmpty()
                && bytes(json(fitting)) > MAX_BYTES) {
            fitting = fitting.withFailedDocuments(fitting.failedDocuments()
                    .subList(0, fitting.failedDocuments().size() - 1));
        }
        return fitting;
    }

    /** Reads what {@link #write} wrote. */
    public static Progress read(String message) throws JsonProcessingException {
        return JSON.readValue(message, Progress.class);
    }

    private static String json(Progress progress) {
        try {
            // Half a surrogate pair, which a broken key may hold, would not survive the file: UTF-8 makes it a "?".
            return new String(
                    JSON.writeValueAsString(progress).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a progress record is always JSON", e);
        }
    }

    private static int bytes(String message) {
        return message.getBytes(StandardCharsets.UTF_8).length;
    }
}
