package io.embeddingoperator.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Manifests for tests: those of {@code src/test/resources/manifests}, and the first of them with a change. */
public final class TestingManifest {
    private static final Path FOLDER = Path.of("src/test/resources/manifests");
    private static final ObjectMapper YAML = new YAMLMapper();

    private TestingManifest() {}

    /** A table on the bundled model: job {@code wiki} in {@code search}, run 1, 8 shards, 2 at a time. */
    public static EmbeddingJob wiki() {
        return read("postgres-on-cpu");
    }

    /** {@link #wiki()} with a change; a null removes a field. */
    public static EmbeddingJob wiki(String yamlMergePatch) {
        try {
            return manifest(merge(tree("postgres-on-cpu"), YAML.readTree(yamlMergePatch)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A manifest with a change; a null removes a field. */
    public static EmbeddingJob changed(EmbeddingJob manifest, String yamlMergePatch) {
        try {
            return manifest(merge(YAML.valueToTree(manifest), YAML.readTree(yamlMergePatch)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static EmbeddingJob read(String name) {
        return manifest(tree(name));
    }

    private static JsonNode tree(String name) {
        try {
            return YAML.readTree(Files.readString(FOLDER.resolve(name + ".yaml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddingJob manifest(JsonNode tree) {
        return YAML.convertValue(tree, EmbeddingJob.class);
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
