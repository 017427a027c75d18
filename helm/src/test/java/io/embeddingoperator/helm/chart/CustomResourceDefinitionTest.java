package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CustomResourceDefinitionTest {
    private static final String NAME = "embeddingjobs.embedding-operator.io-v1.yml";
    private static final Path GENERATED = Path.of("../crds/src/main/resources/META-INF/fabric8", NAME);
    private static final Path COPY = Chart.FOLDER.resolve("files").resolve(NAME);

    @Test
    void isTheGeneratedFileToTheByte() throws IOException {
        assertThat(Files.readAllBytes(COPY))
                .as("%s differs from the generated CRD: run `make crd` and commit both", COPY)
                .isEqualTo(Files.readAllBytes(GENERATED));
    }

    @Test
    void isInstalledAsGeneratedAndKept() throws IOException {
        RenderedChart chart = Chart.render("");

        CustomResourceDefinition crd = chart.only(CustomResourceDefinition.class);
        assertThat(crd.getMetadata().getAnnotations()).containsEntry("helm.sh/resource-policy", "keep");
        assertThat(withoutAdditions(document(chart))).isEqualTo(Chart.YAML.readTree(GENERATED.toFile()));
    }

    @Test
    void goesWithTheReleaseWhereAsked() {
        CustomResourceDefinition crd = Chart.render("crds: {keep: false}").only(CustomResourceDefinition.class);

        assertThat(crd.getMetadata().getAnnotations()).isEmpty();
    }

    @Test
    void isLeftToTheAdministratorWhereAsked() {
        assertThat(Chart.render("crds: {install: false}").all(CustomResourceDefinition.class))
                .isEmpty();
    }

    private static JsonNode document(RenderedChart chart) {
        return chart.documents().stream()
                .filter(document -> document.path("kind").textValue().equals("CustomResourceDefinition"))
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
