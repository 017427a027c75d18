package io.embeddingoperator.helm.chart;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The chart as a user installs it, rendered by the Helm engine itself. */
public final class Chart {
    public static final Path FOLDER = Path.of("embedding-operator");
    public static final String NAMESPACE = "embedding-system";

    /** A key that stands twice in an object is refused, as Kubernetes would keep but one of them. */
    static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    static final String KUBERNETES = "1.36.0";
    private static final String RELEASE = "embedding-operator";
    private static final Path VALUES = Path.of("src/test/resources/values");

    private Chart() {}

    /** What would be applied. @param values YAML, as a user's values file */
    public static RenderedChart render(String values) {
        return RenderedChart.parse(rendered(FOLDER, values, KUBERNETES));
    }

    /** The notes that a user reads after the installation. */
    static String notes(String values) {
        return withFile(
                values,
                file -> new Helm(FOLDER)
                        .install()
                        .withName(RELEASE)
                        .withNamespace(NAMESPACE)
                        .withKubeVersion(KUBERNETES)
                        .withValuesFile(file)
                        .clientOnly()
                        .dryRun()
                        .call()
                        .getOutput());
    }

    static String rendered(Path folder, String values, String kubernetes) {
        return withFile(
                values,
                file -> new Helm(folder)
                        .template()
                        .withName(RELEASE)
                        .withNamespace(NAMESPACE)
                        .withKubeVersion(kubernetes)
                        .withValuesFile(file)
                        .call());
    }

    /** The names of combinations of values that are worth a look at every object. */
    static List<String> combinations() {
        try (Stream<Path> files = Files.list(VALUES)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RenderedChart renderCombination(String name) {
        return render(read(VALUES.resolve(name)));
    }

    /** @param more YAML that wins over the combination */
    static RenderedChart renderCombination(String name, String more) {
        try {
            JsonNode values = YAML.readerForUpdating(
                            YAML.readTree(VALUES.resolve(name).toFile()))
                    .readValue(more);
            return render(YAML.writeValueAsString(values));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode yaml(String file) {
        try {
            return YAML.readTree(FOLDER.resolve(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(String file) {
        return read(FOLDER.resolve(file));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withFile(String values, Function<Path, String> helm) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(file, values);
                return helm.apply(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
