package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A file at the provider.
 *
 * @param name that it was uploaded under
 * @param bytes where the provider says how long it is
 * @param inPreparation whether it is of no use yet
 */
public record StoredFile(String id, String name, OptionalLong bytes, boolean inPreparation) {
    private static final Set<String> IN_PREPARATION = Set.of("pending", "running");

    public StoredFile {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(bytes, "bytes");
    }

    /** In OpenAI's form. */
    static StoredFile of(JsonNode json) {
        JsonNode bytes = json.path("bytes");
        return new StoredFile(
                json.path("id").asText(),
                json.path("filename").asText(),
                bytes.isNumber() ? OptionalLong.of(bytes.asLong()) : OptionalLong.empty(),
                IN_PREPARATION.contains(json.path("status").asText()));
    }
}
