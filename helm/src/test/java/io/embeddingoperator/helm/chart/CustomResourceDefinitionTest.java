package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomResourceDefinitionTest {
    private static final List<String> NAMES =
            List.of("embeddingendpoints.embedding-operator.io", "embeddingjobs.embedding-operator.io");

    @Test
    void isTheGeneratedFileToTheByte() throws IOException {
        for (String name : NAMES) {
            assertThat(Files.readAllBytes(copy(name)))
                    .as("%s differs from the generated CRD: run `make crd` and commit both", copy(name))
                    .isEqualTo(Files.readAllBytes(generated(name)));
        }
    }

    @Test
    void isInstalledAsGeneratedAndKept() throws IOException {
        RenderedChart chart = Chart.render("");

        assertThat(chart.all(CustomResourceDefinition.class))
                .extracting(crd -> crd.getMetadata().getName())
                .containsExactlyElementsOf(NAMES);
        for (String name : NAMES) {
            assertThat(chart.named(CustomResourceDefinition.class, name)
                            .getMetadata()
                            .getAnnotations())
                    .containsEntry("helm.sh/resource-policy", "keep");
            assertThat(withoutAdditions(document(chart, name)))
                    .isEqualTo(Chart.YAML.readTree(generated(name).toFile()));
        }
    }

    @Test
    void goesWithTheReleaseWhereAsked() {
        assertThat(Chart.render("crds: {keep: false}").all(CustomResourceDefinition.class))
                .hasSize(NAMES.size())
                .allSatisfy(
                        crd -> assertThat(crd.getMetadata().getAnnotations()).isEmpty());
    }

    @Test
    void isLeftToTheAdministratorWhereAsked() {
        assertThat(Chart.render("crds: {install: false}").all(CustomResourceDefinition.class))
                .isEmpty();
    }

    private static Path generated(String name) {
        return Path.of("../crds/src/main/resources/META-INF/fabric8", name + "-v1.yml");
    }

    private static Path copy(String name) {
        return Chart.FOLDER.resolve("files").resolve(name + "-v1.yml");
    }

    private static JsonNode document(RenderedChart chart, String name) {
        return chart.documents().stream()
                .filter(document -> document.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode withoutAdditions(JsonNode crd) {
        ObjectNode bare = crd.deepCopy();
        ((ObjectNode) bare.path("metadata")).remove("annotations");
        ((ObjectNode) bare.path("metadata")).remove("labels");
        return bare;
    }
}
