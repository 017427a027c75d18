package io.embeddingoperator.openai.simulator.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.embedding.EmbeddingReply;
import io.embeddingoperator.openai.simulator.file.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Gemini's file of results: a line for each request, in their order, with its vector or its error. */
final class GeminiContent implements Content {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CANCELLED = 1;
    private static final int INVALID_ARGUMENT = 3;
    private static final int INTERNAL = 13;

    private final LineIndex index;
    private final List<OutputEntry> entries;
    private final long length;

    GeminiContent(LineIndex index, List<OutputEntry> entries) throws IOException {
        this.index = index;
        this.entries = entries;
        LineIndex.Lines lines = index.load();
        long all = 0;
        for (OutputEntry entry : entries) {
            all += line(lines.line(entry.line()), entry).length;
        }
        this.length = all;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        LineIndex.Lines lines = index.load();
        for (OutputEntry entry : entries) {
            out.write(line(lines.line(entry.line()), entry));
        }
    }

    @Override
    public void discard() {
        // The index goes with the simulator.
    }

    private static byte[] line(BatchLine line, OutputEntry entry) throws IOException {
        String text = switch (entry.kind()) {
            case VECTORS -> vector(line, line.customId());
            case FOREIGN -> vector(line, "foreign-" + entry.line());
            case REFUSED ->
                error(line, INVALID_ARGUMENT, line.error().orElseThrow().message());
            case CANCELLED -> error(line, CANCELLED, "The request was cancelled.");
            case FAILED, TIMED_OUT, EXPIRED -> error(line, INTERNAL, "Internal error encountered.");
            case GARBAGE -> "upstream connect error or disconnect/reset before headers";
            case BLANK -> "";
            case SPOILED_VECTORS, OTHER_VECTORS ->
                throw new IllegalStateException("Gemini's lines know no such fault: " + entry.kind());
        };
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The key stands behind the response: where it stands is promised nowhere. */
    private static String vector(BatchLine line, String key) throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        new EmbeddingReply("", line.dimensions(), false, line.hashes(), line.tokens(), Optional.empty()).writeTo(reply);
        ObjectNode result = JSON.createObjectNode();
        ObjectNode response = result.putObject("response");
        response.putObject("embedding")
                .set(
                        "values",
                        JSON.readTree(reply.toByteArray()).path("data").path(0).path("embedding"));
        response.put("tokenCount", Integer.toString(line.tokens()));
        result.put("key", key);
        return JSON.writeValueAsString(result);
    }

    private static String error(BatchLine line, int code, String message) throws IOException {
        ObjectNode result = JSON.createObjectNode().put("key", line.customId());
        result.putObject("error").put("code", code).put("message", message);
        return JSON.writeValueAsString(result);
    }
}
