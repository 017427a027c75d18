package io.embeddingoperator.openai.simulator.file;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * A file of an account.
 *
 * @param purpose {@code batch} or {@code batch_output}
 * @param expiresAt when it disappears by itself
 */
public record StoredFile(
        String id,
        String organization,
        String filename,
        String purpose,
        Instant createdAt,
        Instant expiresAt,
        Content content) {
    public static final String BATCH = "batch";
    public static final String BATCH_OUTPUT = "batch_output";

    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("object", "file");
        json.put("id", id);
        json.put("purpose", purpose);
        json.put("filename", filename);
        json.put("bytes", content.length());
        json.put("created_at", createdAt.getEpochSecond());
        json.put("expires_at", expiresAt.getEpochSecond());
        json.put("status", "processed");
        json.putNull("status_details");
        return json;
    }
}
