package io.embeddingoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.testing.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GeneratedCrdTest {
    /** Kubernetes refuses an object whose annotations are larger, and kubectl apply keeps the whole object in one. */
    private static final int ANNOTATION_LIMIT = 262_144;

    private static final Map<ApiKind, String> GENERATED = new EnumMap<>(ApiKind.class);
    private static final Map<ApiKind, JsonNode> CRDS = new EnumMap<>(ApiKind.class);

    @BeforeAll
    static void generate() throws IOException {
        for (ApiKind kind : ApiKind.values()) {
            String yaml = GeneratedCrd.yaml(kind, Path.of(""));
            GENERATED.put(kind, yaml);
            CRDS.put(kind, Manifests.YAML.readTree(yaml));
        }
    }

    @Test
    void isTheOneThatIsCheckedIn() throws IOException {
        for (ApiKind kind : ApiKind.values()) {
            String checkedIn = Files.readString(kind.crd());

            assertThat(checkedIn)
                    .as("%s differs: run `%s` and commit the result", kind.crd(), GeneratedCrd.COMMAND)
                    .isEqualTo(GENERATED.get(kind));
        }
    }

    @Test
    void isTheOneThatTheReferenceExplains() throws IOException {
        for (ApiKind kind : ApiKind.values()) {
            String checkedIn = Files.readString(kind.reference());

            assertThat(checkedIn)
                    .as("%s differs: run `%s` and commit the result", kind.reference(), GeneratedCrd.COMMAND)
                    .isEqualTo(GeneratedCrd.reference(GENERATED.get(kind)));
        }
    }

    @Test
    void isNamedAsPeopleTypeIt() {
        assertNames(ApiKind.EmbeddingJob, "embeddingjobs", "embeddingjob", "ej");
        assertNames(ApiKind.EmbeddingEndpoint, "embeddingendpoints", "embeddingendpoint", "ee");
    }

    private static void assertNames(ApiKind kind, String plural, String singular, String shortName) {
        JsonNode names = CRDS.get(kind).at("/spec/names");
        assertThat(names.path("plural").textValue()).isEqualTo(plural);
        assertThat(names.path("singular").textValue()).isEqualTo(singular);
        assertThat(names.path("shortNames")).hasToString("[\"" + shortName + "\"]");
        assertThat(names.path("categories")).hasToString("[\"all\"]");
        assertThat(CRDS.get(kind).at("/spec/scope").textValue()).isEqualTo("Namespaced");
    }

    @Test
    void showsWhatIsWorthWatching() {
        assertThat(columns(ApiKind.EmbeddingJob, 0))
                .containsExactly("Status", "Percent", "Embedded", "Failed", "Tokens/s", "USD", "ETA", "Age");
        assertThat(columns(ApiKind.EmbeddingJob, 1))
                .containsExactly("Run", "Skipped", "Active", "Recall", "Batches", "Message");
        assertThat(columns(ApiKind.EmbeddingEndpoint, 0))
                .containsExactly("Status", "Ready", "Replicas", "Model", "URL", "Age");
        assertThat(columns(ApiKind.EmbeddingEndpoint, 1)).containsExactly("Message");
    }

    @Test
    void everyColumnIsExplained() throws IOException {
        assertColumnsAreExplained(ApiKind.EmbeddingJob, "../docs/operations.md");
        assertColumnsAreExplained(ApiKind.EmbeddingEndpoint, "../docs/endpoint.md");
    }

    private static void assertColumnsAreExplained(ApiKind kind, String file) throws IOException {
        String page = Files.readString(Path.of(file));

        assertThat(Stream.concat(columns(kind, 0).stream(), columns(kind, 1).stream()))
                .allSatisfy(column -> assertThat(page).contains("| `" + column.toUpperCase(Locale.ROOT) + "`"));
    }

    @Test
    void keepsStatusApartFromSpec() {
        assertThat(CRDS.values())
                .allSatisfy(crd -> assertThat(
                                crd.at("/spec/versions/0/subresources/status").isObject())
                        .isTrue());
    }

    @Test
    void anEndpointIsScaledByAnyAutoscaler() {
        JsonNode scale = CRDS.get(ApiKind.EmbeddingEndpoint).at("/spec/versions/0/subresources/scale");

        assertThat(scale.path("specReplicasPath").textValue()).isEqualTo(".spec.replicas");
        assertThat(scale.path("statusReplicasPath").textValue()).isEqualTo(".status.replicas");
        assertThat(scale.path("labelSelectorPath").textValue()).isEqualTo(".status.selector");
    }

    @Test
    void letsTwoWritersOwnTheirConditions() {
        assertThat(CRDS.values()).allSatisfy(crd -> {
            JsonNode conditions =
                    crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/conditions");
            assertThat(conditions.path("x-kubernetes-list-type").textValue()).isEqualTo("map");
            assertThat(conditions.path("x-kubernetes-list-map-keys")).hasToString("[\"type\"]");
            assertThat(conditions.at("/items/properties/status/enum")).hasToString("[\"True\",\"False\",\"Unknown\"]");
        });
    }

    @Test
    void explainsEveryFieldOfOurs() {
        assertThat(CRDS.values())
                .allSatisfy(crd -> assertThat(unexplained("", crd.at("/spec/versions/0/schema/openAPIV3Schema")))
                        .isEmpty());
    }

    @Test
    void boundsEveryTextListAndMap() {
        assertThat(CRDS.values()).allSatisfy(crd -> {
            JsonNode fields = crd.at("/spec/versions/0/schema/openAPIV3Schema/properties");
            assertThat(unbounded("spec", fields.path("spec"))).isEmpty();
            assertThat(unbounded("status", fields.path("status"))).isEmpty();
        });
    }

    @Test
    void fitsIntoAnAnnotation() throws IOException {
        for (JsonNode crd : CRDS.values()) {
            // kubectl keeps it as JSON
            assertThat(new ObjectMapper().writeValueAsBytes(crd)).hasSizeLessThan(ANNOTATION_LIMIT / 3);
        }
    }

    private static List<String> columns(ApiKind kind, int priority) {
        return CRDS.get(kind)
                .at("/spec/versions/0/additionalPrinterColumns")
                .valueStream()
                .filter(column -> column.path("priority").intValue() == priority)
                .map(column -> column.path("name").textValue())
                .toList();
    }

    /** Paths of what may be of any size. */
    private static List<String> unbounded(String path, JsonNode schema) {
        List<String> paths = new ArrayList<>();
        boolean isText = schema.path("type").asText().equals("string")
                || schema.path("x-kubernetes-int-or-string").asBoolean();
        if (isText && !schema.has("enum") && !schema.has("maxLength")
                || schema.has("items") && !schema.has("maxItems")
                || schema.has("additionalProperties") && !schema.has("maxProperties")
                || schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            paths.add(path);
        }
        schema.path("properties")
                .properties()
                .forEach(property -> paths.addAll(unbounded(path + "." + property.getKey(), property.getValue())));
        if (schema.has("items")) {
            paths.addAll(unbounded(path + "[]", schema.path("items")));
        }
        if (schema.has("additionalProperties")) {
            paths.addAll(unbounded(path + ".*", schema.path("additionalProperties")));
        }
        return paths;
    }

    /** Paths without a description; what lies below a pod's own field or a condition is Kubernetes' to explain. */
    private static List<String> unexplained(String path, JsonNode schema) {
        List<String> paths = new ArrayList<>();
        schema.path("properties").properties().forEach(property -> {
            String name = path + "." + property.getKey();
            JsonNode member = property.getValue();
            if (member.path("description").asText().isBlank()) {
                paths.add(name);
            }
            if (!path.equals(".spec.template") && !name.equals(".status.conditions")) {
                paths.addAll(unexplained(name, member));
                paths.addAll(unexplained(name + "[]", member.path("items")));
            }
        });
        return paths;
    }
}
