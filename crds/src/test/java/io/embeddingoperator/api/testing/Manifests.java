package io.embeddingoperator.api.testing;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The manifests of {@code src/test/resources/manifests}: valid ones, and patches of them with what is said of each. */
public final class Manifests {
    public static final Path FOLDER = Path.of("src/test/resources/manifests");

    /** Strict, as the runner reads a manifest: an unknown field is refused. */
    public static final ObjectMapper YAML = new YAMLMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private Manifests() {}

    /**
     * A valid manifest with a change.
     *
     * @param name what is special about it
     * @param of the valid manifest that the patch changes
     * @param patch a JSON merge patch (RFC 7386)
     * @param record what the records say, or null where they cannot know
     * @param server what an API server says, line by line; null where it accepts
     */
    public record Case(String name, String of, JsonNode patch, String record, List<String> server) {
        public JsonNode manifest() {
            return merge(valid(of), patch);
        }
    }

    public static List<Case> refusals() {
        return cases("refusals.yaml");
    }

    /** @param kind of the manifests, for example EmbeddingJob */
    public static List<Case> refusals(String kind) {
        return refusals().stream()
                .filter(refusal -> kindOf(valid(refusal.of())).equals(kind))
                .toList();
    }

    public static List<Case> updates() {
        return cases("updates.yaml");
    }

    public static List<String> validNames() {
        try (var files = Files.list(FOLDER.resolve("valid"))) {
            return files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param kind of the manifests, for example EmbeddingJob */
    public static List<String> validNames(String kind) {
        return validNames().stream()
                .filter(name -> kindOf(valid(name)).equals(kind))
                .toList();
    }

    public static String kindOf(JsonNode manifest) {
        return manifest.path("kind").asText();
    }

    public static JsonNode valid(String name) {
        try {
            return YAML.readTree(FOLDER.resolve("valid").resolve(name + ".yaml").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Case> cases(String file) {
        try {
            return List.of(YAML.readValue(FOLDER.resolve(file).toFile(), Case[].class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode merge(JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode merged = target.isObject() ? target.deepCopy() : YAML.createObjectNode();
        patch.properties().forEach(change -> {
            if (change.getValue().isNull()) {
                merged.remove(change.getKey());
            } else {
                merged.set(change.getKey(), merge(merged.path(change.getKey()), change.getValue()));
            }
        });
        return merged;
    }
}
