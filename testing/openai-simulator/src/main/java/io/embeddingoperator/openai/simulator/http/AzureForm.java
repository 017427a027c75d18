package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.batch.Batches;
import io.embeddingoperator.openai.simulator.file.StoredFile;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** What Azure OpenAI does otherwise than OpenAI with files and batches. */
final class AzureForm {
    static final String VERSION = "api-version";

    /** Of its paths that name no version: those name one in their query. */
    static final String RESOURCE = "/openai";

    private static final List<String> TIMES = List.of("created_at", "in_progress_at", "expires_at", "completed_at");

    private AzureForm() {}

    /** What the lines of a batch and the batch itself name. */
    static String endpoint(Profile profile, HttpServerRequest request) {
        boolean versioned = profile != Profile.AZURE || request.path().startsWith(profile.prefix() + "/");
        return versioned ? Batches.ENDPOINT : "/embeddings";
    }

    /** Its first status has a capital, times are texts, and metadata is not kept. */
    static ObjectNode batch(ObjectNode batch) {
        if (batch.path("status").asText().equals("validating")) {
            batch.put("status", "Validating").putNull("request_counts");
        }
        for (String time : TIMES) {
            if (batch.path(time).isNumber()) {
                Instant instant = Instant.ofEpochSecond(batch.path(time).asLong());
                batch.put(time, instant.atOffset(ZoneOffset.UTC).toString());
            }
        }
        return batch.putNull("metadata");
    }

    /** No batch can be made of a file for some time. */
    static boolean isPending(StoredFile file, Duration takes, Instant now) {
        return file.purpose().equals(StoredFile.BATCH)
                && now.isBefore(file.createdAt().plus(takes));
    }
}
