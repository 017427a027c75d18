package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DocumentationTest {
    private static final ObjectMapper STRICT =
            new YAMLMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final Pattern ROW = Pattern.compile("^\\| `([A-Za-z0-9.]+)` \\|", Pattern.MULTILINE);
    private static final Pattern MANIFEST = Pattern.compile("<<'END'\n(.*?)\nEND\n", Pattern.DOTALL);

    @Test
    void listsEveryValueOnceAndNoOther() {
        List<String> listed = ROW.matcher(Chart.text("README.md").split("## Values")[1])
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();

        assertThat(listed).containsExactlyInAnyOrderElementsOf(leaves("", Chart.yaml("values.yaml")));
    }

    @Test
    void tellsTheNextCommandAfterTheInstallation() {
        assertThat(Chart.notes(""))
                .contains("serves EmbeddingJobs in every namespace", "kubectl --namespace default apply -f -");
        assertThat(Chart.notes("watchNamespaces: [search, shop]"))
                .contains(
                        "serves EmbeddingJobs in search, shop", "kubectl --namespace search get embeddingjobs --watch");
    }

    @Test
    void tellsWhatIsMissingAfterTheInstallation() {
        assertThat(Chart.notes("crds: {install: false}")).contains("crds.install is false");
        assertThat(Chart.notes("rbac: {create: false}")).contains("rbac.create is false");
        assertThat(Chart.notes("networkPolicy: {namespaces: [a]}")).doesNotContain("is false");
    }

    @Test
    void showsManifestsThatWork() throws IOException {
        MatchResult notes =
                MANIFEST.matcher(Chart.notes("")).results().findFirst().orElseThrow();
        JsonNode annotations = Chart.yaml("Chart.yaml").path("annotations");
        JsonNode examples =
                STRICT.readTree(annotations.path("artifacthub.io/crdsExamples").textValue());

        assertThat(examples.at("/1/kind").textValue()).isEqualTo("EmbeddingEndpoint");
        assertThat(STRICT.treeToValue(examples.at("/1/spec"), EmbeddingEndpointSpec.class))
                .isNotNull();
        for (JsonNode manifest : List.of(STRICT.readTree(notes.group(1)), examples.path(0))) {
            assertThat(manifest.path("kind").textValue()).isEqualTo("EmbeddingJob");
            assertThat(STRICT.treeToValue(manifest.path("spec"), EmbeddingJobSpec.class))
                    .isNotNull();
        }
    }

    /** The path of every value; a map or a list with something in it counts as one. */
    private static List<String> leaves(String path, JsonNode value) {
        boolean ofTheUsersOwn = path.matches(
                ".*(labels|Selector|[sS]ecurityContext|resources|affinity|strategy|[aA]nnotations|Labels)$");
        if (!value.isObject() || value.isEmpty() || ofTheUsersOwn) {
            return List.of(path);
        }
        List<String> paths = new ArrayList<>();
        value.properties()
                .forEach(entry -> paths.addAll(
                        leaves(path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(), entry.getValue())));
        return paths;
    }
}
