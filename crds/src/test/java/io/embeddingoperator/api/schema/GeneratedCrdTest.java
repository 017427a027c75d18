package io.embeddingoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.testing.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GeneratedCrdTest {
    /** Kubernetes refuses an object whose annotations are larger, and kubectl apply keeps the whole object in one. */
    private static final int ANNOTATION_LIMIT = 262_144;

    private static String generated;
    private static JsonNode crd;

    @BeforeAll
    static void generate() throws IOException {
        generated = GeneratedCrd.yaml(Path.of(""));
        crd = Manifests.YAML.readTree(generated);
    }

    @Test
    void isTheOneThatIsCheckedIn() throws IOException {
        String checkedIn = Files.readString(GeneratedCrd.FILE);

        assertThat(checkedIn)
                .as("%s differs: run `%s` and commit the result", GeneratedCrd.FILE, GeneratedCrd.COMMAND)
                .isEqualTo(generated);
    }

    @Test
    void isTheOneThatTheReferenceExplains() throws IOException {
        String checkedIn = Files.readString(GeneratedCrd.REFERENCE);

        assertThat(checkedIn)
                .as("%s differs: run `%s` and commit the result", GeneratedCrd.REFERENCE, GeneratedCrd.COMMAND)
                .isEqualTo(GeneratedCrd.reference(generated));
    }

    @Test
    void isNamedAsPeopleTypeIt() {
        JsonNode names = crd.at("/spec/names");

        assertThat(names.path("plural").textValue()).isEqualTo("embeddingjobs");
        assertThat(names.path("singular").textValue()).isEqualTo("embeddingjob");
        assertThat(names.path("shortNames")).hasToString("[\"ej\"]");
        assertThat(names.path("categories")).hasToString("[\"all\"]");
        assertThat(crd.at("/spec/scope").textValue()).isEqualTo("Namespaced");
    }

    @Test
    void showsWhatIsWorthWatching() {
        assertThat(columns(0))
                .containsExactly("Status", "Percent", "Embedded", "Failed", "Tokens/s", "USD", "ETA", "Age");
        assertThat(columns(1)).containsExactly("Run", "Skipped", "Active", "Batches", "Message");
    }

    @Test
    void everyColumnIsExplained() throws IOException {
        String page = Files.readString(Path.of("../docs/operations.md"));

        assertThat(Stream.concat(columns(0).stream(), columns(1).stream()))
                .allSatisfy(column -> assertThat(page).contains("| `" + column.toUpperCase(Locale.ROOT) + "`"));
    }

    @Test
    void keepsStatusApartFromSpec() {
        assertThat(crd.at("/spec/versions/0/subresources/status").isObject()).isTrue();
    }

    @Test
    void letsTwoWritersOwnTheirConditions() {
        JsonNode conditions = crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/conditions");

        assertThat(conditions.path("x-kubernetes-list-type").textValue()).isEqualTo("map");
        assertThat(conditions.path("x-kubernetes-list-map-keys")).hasToString("[\"type\"]");
        assertThat(conditions.at("/items/properties/status/enum")).hasToString("[\"True\",\"False\",\"Unknown\"]");
    }

    @Test
    void explainsEveryFieldOfOurs() {
        JsonNode schema = crd.at("/spec/versions/0/schema/openAPIV3Schema");

        assertThat(unexplained("", schema)).isEmpty();
    }

    @Test
    void boundsEveryTextListAndMap() {
        JsonNode fields = crd.at("/spec/versions/0/schema/openAPIV3Schema/properties");

        assertThat(unbounded("spec", fields.path("spec"))).isEmpty();
        assertThat(unbounded("status", fields.path("status"))).isEmpty();
    }

    @Test
    void fitsIntoAnAnnotation() throws IOException {
        // kubectl keeps it as JSON
        assertThat(new ObjectMapper().writeValueAsBytes(crd)).hasSizeLessThan(ANNOTATION_LIMIT / 3);
    }

    private static List<String> columns(int priority) {
        return crd.at("/spec/versions/0/additionalPrinterColumns")
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
