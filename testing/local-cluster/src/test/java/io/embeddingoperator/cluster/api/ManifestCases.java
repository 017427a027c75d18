package io.embeddingoperator.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The table of the API's manifests, which is kept beside the API: valid ones, and patches with what is said of each. */
final class ManifestCases {
    /** The CRD of each kind. */
    static final Map<String, Path> CRDS = Map.of(
            "EmbeddingJob", crd("embeddingjobs"),
            "EmbeddingEndpoint", crd("embeddingendpoints"));

    private static final Path FOLDER = Path.of("../../crds/src/test/resources/manifests");
    private static final ObjectMapper YAML = new YAMLMapper();

    private ManifestCases() {}

    private static Path crd(String plural) {
        return Path.of(
                "../../crds/src/main/resources/META-INF/fabric8/%s.embedding-operator.io-v1.yml".formatted(plural));
    }

    /**
     * A valid manifest with a change.
     *
     * @param name what is special about it
     * @param of the valid manifest that the patch changes
     * @param patch a JSON merge patch (RFC 7386)
     * @param record what the records say, which is not looked at here
     * @param server what an API server says, line by line; empty where it accepts
     */
    record Case(String name, String of, JsonNode patch, String record, List<String> server) {
        Case {
            server = server == null ? List.of() : List.copyOf(server);
        }

        JsonNode manifest() {
            return merge(valid(of), patch);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> refusals() {
        return cases("refusals.yaml");
    }

    static List<Case> updates() {
        return cases("updates.yaml");
    }

    static List<String> validNames() {
        try (var files = Files.list(FOLDER.resolve("valid"))) {
            return files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode valid(String name) {
        return read(FOLDER.resolve("valid").resolve(name + ".yaml"), JsonNode.class);
    }

    static JsonNode json(String text) {
        try {
            return YAML.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Case> cases(String file) {
        return List.of(read(FOLDER.resolve(file), Case[].class));
    }

    private static <T> T read(Path file, Class<T> type) {
        try {
            return YAML.readValue(file.toFile(), type);
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
