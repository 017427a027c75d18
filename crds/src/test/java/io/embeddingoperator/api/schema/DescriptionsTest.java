package io.embeddingoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.api.testing.Manifests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code kubectl explain} teaches of a field: what it is, its unit, its default, its limits and an example. */
class DescriptionsTest {
    private static List<Field> fields;

    @BeforeAll
    static void generate() throws IOException {
        fields = new ArrayList<>();
        for (ApiKind kind : ApiKind.values()) {
            JsonNode crd = Manifests.YAML.readTree(GeneratedCrd.yaml(kind, Path.of("")));
            below("spec", crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"))
                    .forEach(fields::add);
        }
    }

    @Test
    void reachesEveryFieldOfOurs() {
        assertThat(fields)
                .extracting(Field::path)
                .contains(
                        "spec.chunking.maxTokens",
                        "spec.embedder.fromJob",
                        "spec.embedder.openai.headers[].secretKeyRef.key",
                        "spec.source.volume.metadata[].type",
                        "spec.template.env[].name",
                        "spec.template.volumeMounts[].mountPath")
                .noneMatch(path -> path.startsWith("spec.template.affinity."));
    }

    @Test
    void eachFieldHasAnExample() {
        assertThat(paths(field -> field.isLeaf() && !field.hasChoices() && !field.says("for example")))
                .isEmpty();
    }

    @Test
    void eachChoiceIsNamed() {
        assertThat(paths(field -> field.hasChoices()
                        && field.schema.path("enum").valueStream().count() < 2))
                .isEmpty();
    }

    @Test
    void eachFieldThatMayBeLeftOutSaysWhatItIsThen() {
        assertThat(paths(field -> field.isOptional()
                        && !field.says("Default: ")
                        && !field.schema.path("default").isObject()
                        && !field.says("without it")
                        && !field.says("without them")))
                .isEmpty();
    }

    @Test
    void eachDefaultIsTheOneOfTheSchema() {
        assertThat(paths(field -> field.schema.path("default").isValueNode()
                        && !field.says(
                                "Default: " + field.schema.path("default").asText() + ".")))
                .isEmpty();
    }

    @Test
    void eachNumberHasALimit() {
        assertThat(paths(field -> field.schema.path("type").asText().equals("integer")
                        && !field.description().matches("(?s).*(At least|At most|From) \\d.*")))
                .isEmpty();
    }

    @Test
    void theReferenceSaysDefaultsAndLimitsOnce() {
        Field maxTokens = fields.stream()
                .filter(field -> field.path.equals("spec.chunking.maxTokens"))
                .findFirst()
                .orElseThrow();

        assertThat(maxTokens.description()).endsWith("the prefix count. Default: 256. At least 8.");
        assertThat(FieldFacts.withoutFacts(maxTokens.schema)).endsWith("the prefix count.");
    }

    private static List<String> paths(Predicate<Field> wrong) {
        return fields.stream().filter(wrong).map(Field::path).toList();
    }

    /** All fields but those that are Kubernetes' own, which have no descriptions here. */
    private static Stream<Field> below(String path, JsonNode schema) {
        boolean chooses = schema.path("x-kubernetes-validations")
                .valueStream()
                .anyMatch(rule -> rule.path("message").asText().contains("exactly one of"));
        List<String> required =
                schema.path("required").valueStream().map(JsonNode::asText).toList();
        return schema.path("properties").propertyStream().flatMap(property -> {
            String name = property.getKey();
            Field field = new Field(path + "." + name, property.getValue(), required.contains(name) || chooses);
            if (field.description().isEmpty()) {
                return Stream.of();
            }
            return Stream.of(
                            Stream.of(field),
                            below(field.path, field.schema),
                            below(field.path + "[]", field.schema.path("items")))
                    .flatMap(stream -> stream);
        });
    }

    /** @param isGiven whether a manifest must have it, alone or as the one of several */
    private record Field(String path, JsonNode schema, boolean isGiven) {
        String description() {
            return schema.path("description").asText();
        }

        boolean says(String words) {
            return description().toLowerCase(Locale.ROOT).contains(words.toLowerCase(Locale.ROOT));
        }

        boolean isOptional() {
            return !isGiven;
        }

        boolean hasChoices() {
            return schema.has("enum");
        }

        /** What holds objects is explained by their fields. */
        boolean isLeaf() {
            return !schema.has("properties") && !schema.path("items").has("properties");
        }
    }
}
