package io.embeddingoperator.helm.gitops;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** EmbeddingJobs in every state that a person may meet, each with its status as the operator writes it. */
final class Statuses {
    static final Path GITOPS = Path.of("../examples/gitops");
    static final Path ARGO_CD = GITOPS.resolve("argocd");
    static final ObjectMapper YAML = new YAMLMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

    private Statuses() {}

    static List<String> names() {
        try (Stream<Path> files = Files.list(ARGO_CD.resolve("testdata"))) {
            return files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode named(String name) {
        return read(ARGO_CD.resolve("testdata").resolve(name + ".yaml"));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> asMap(JsonNode manifest) {
        return YAML.convertValue(manifest, Map.class);
    }

    static JsonNode read(Path file) {
        try {
            return YAML.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonNode> documents(Path file) {
        try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
            return values.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
