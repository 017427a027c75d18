package io.embeddingoperator.runner.embed.onnx.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.runner.embed.onnx.model.FileLimits;
import io.embeddingoperator.runner.embed.onnx.model.PublishedFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A JSON file that a model was published with.
 *
 * @param path below the model's folder, for a person
 */
record SettingsFile(String path, JsonNode json) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /**
     * Reads it.
     *
     * @return empty where the model was published without it
     * @throws SpecificationException when it is no JSON: what it says is then unknown
     */
    static Optional<SettingsFile> find(PublishedFiles published, String path) {
        return published.find(path).map(file -> new SettingsFile(path, parsed(file)));
    }

    private static JsonNode parsed(Path file) {
        try {
            if (Files.size(file) > FileLimits.PUBLISHED_BYTES) {
                throw unreadable(file, "has more than %d bytes".formatted(FileLimits.PUBLISHED_BYTES));
            }
            return JSON.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw unreadable(file, "is not valid JSON");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read");
        }
    }

    private static SpecificationException unreadable(Path file, String fault) {
        return new SpecificationException(
                "%s %s, and says how the model's vectors are made: copy the file that the model was published with"
                        .formatted(file, fault));
    }

    boolean says(String field) {
        return json.path(field).asBoolean();
    }

    Optional<Stated<Boolean>> flag(String field) {
        JsonNode value = json.path(field);
        return value.isBoolean() ? Optional.of(new Stated<>(value.booleanValue(), path)) : Optional.empty();
    }

    Optional<Stated<String>> text(String field) {
        JsonNode value = json.path(field);
        return value.isTextual() ? Optional.of(new Stated<>(value.textValue(), path)) : Optional.empty();
    }

    /** A number that counts something; what no text can have, such as 1e30 for "no limit", says nothing. */
    OptionalInt count(String field) {
        JsonNode value = json.path(field);
        return value.isNumber() && value.doubleValue() >= 1 && value.doubleValue() <= Integer.MAX_VALUE
                ? OptionalInt.of(value.intValue())
                : OptionalInt.empty();
    }
}
