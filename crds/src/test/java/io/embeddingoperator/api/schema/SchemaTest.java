package io.embeddingoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.api.testing.Manifests;
import io.embeddingoperator.api.testing.TestingApiServer;
import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class SchemaTest {
    private static final Map<ApiKind, TestingApiServer> SERVERS = Stream.of(ApiKind.values())
            .collect(Collectors.toMap(kind -> kind, kind -> TestingApiServer.with(kind.crd())));
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Values that are wrong in most places, and right in a few. */
    private static final List<JsonNode> ODDITIES = List.of(
            JSON.nullNode(),
            JSON.textNode(""),
            JSON.textNode(" \t\n\f\r"),
            JSON.textNode("\u000b"),
            JSON.textNode("\u2003"),
            JSON.textNode("None"),
            JSON.textNode("text"),
            JSON.textNode("https://"),
            JSON.textNode("12\n"),
            JSON.textNode("1e9"),
            JSON.numberNode(-1),
            JSON.numberNode(0),
            JSON.numberNode(1),
            JSON.numberNode(9),
            JSON.numberNode(100_000),
            JSON.numberNode(Integer.MAX_VALUE),
            JSON.numberNode(Integer.MAX_VALUE + 1L),
            JSON.numberNode(1.5),
            JSON.booleanNode(true),
            JSON.objectNode(),
            JSON.arrayNode(),
            JSON.arrayNode().addNull(),
            JSON.arrayNode().add(""),
            JSON.arrayNode().add("text"));

    @TestFactory
    Stream<DynamicTest> acceptsAValidManifest() {
        return Manifests.validNames().stream()
                .map(name -> dynamicTest(
                        name, () -> assertThat(create(Manifests.valid(name))).isEmpty()));
    }

    @TestFactory
    Stream<DynamicTest> refusesWhatTheRecordsRefuse() {
        return Manifests.refusals().stream()
                .map(refusal -> dynamicTest(refusal.name(), () -> {
                    List<String> refusals = create(refusal.manifest());

                    assertThat(refusals).isNotEmpty();
                    assertThat(refusal.server()).isNotEmpty();
                }));
    }

    @TestFactory
    Stream<DynamicTest> saysTheSameSentenceAsAnApiServer() {
        return Manifests.refusals().stream()
                .filter(refusal -> refusal.server().getFirst().matches("[^:]*: Invalid value: [a-z].*"))
                .filter(refusal -> !refusal.server().getFirst().contains(" in body "))
                .map(refusal -> dynamicTest(
                        refusal.name(),
                        () -> assertThat(create(refusal.manifest()))
                                .containsExactly(
                                        refusal.server().getFirst().replaceFirst("^.*?: Invalid value: ", ""))));
    }

    @TestFactory
    Stream<DynamicTest> asksForAddressAndKeyWhereTheRecordsDo() {
        return Stream.of(OpenAiServer.values())
                .map(server -> dynamicTest(server.name(), () -> {
                    ObjectNode manifest = (ObjectNode) Manifests.valid("s3-through-openai");
                    ObjectNode openAi = manifest.withObject("/spec/embedder/openai");
                    openAi.put("server", server.name());

                    openAi.remove("baseUrl");
                    assertThat(create(manifest).isEmpty())
                            .as("without baseUrl")
                            .isEqualTo(server.publicUrl().isPresent());

                    openAi.put("baseUrl", "http://example.com/v1").remove("apiKey");
                    assertThat(create(manifest).isEmpty()).as("without apiKey").isEqualTo(!server.needsKey());
                }));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheIdentityOfARun() {
        return Manifests.updates().stream()
                .map(update -> dynamicTest(update.name(), () -> {
                    List<String> refusals =
                            server(update.manifest()).update(update.manifest(), Manifests.valid(update.of()));

                    if (update.server() == null) {
                        assertThat(refusals).isEmpty();
                    } else {
                        assertThat(refusals)
                                .containsExactly(update.server().getFirst().replaceFirst("^.*?: Invalid value: ", ""));
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> fillsInTheDefaultsOfTheRecords() {
        return Manifests.validNames().stream()
                .map(name -> dynamicTest(name, () -> {
                    JsonNode manifest = Manifests.valid(name);

                    assertThat(spec(server(manifest).admit(manifest))).isEqualTo(spec(manifest));
                }));
    }

    @TestFactory
    Stream<DynamicTest> fillsInTheDefaultsOfTheSink() {
        return Manifests.validNames(ApiVersion.KIND).stream()
                .map(name -> dynamicTest(name, () -> {
                    JsonNode manifest = Manifests.valid(name);

                    EmbeddingJobSpec stored =
                            (EmbeddingJobSpec) spec(server(manifest).admit(manifest));

                    ObjectNode sink = Manifests.YAML.valueToTree(stored.sink());
                    // The records leave these out of JSON where they say nothing new.
                    sink.withObject("/pgvector/index")
                            .put(
                                    "targetRecall",
                                    stored.sink().pgvector().index().targetRecall());
                    sink.withObject("/pgvector")
                            .put(
                                    "ownership",
                                    stored.sink().pgvector().ownership().name())
                            .put("orphanLimitPercent", stored.sink().pgvector().orphanLimitPercent())
                            .put("onEmpty", stored.sink().pgvector().onEmpty().name())
                            .put(
                                    "replacement",
                                    stored.sink().pgvector().replacement().name())
                            .put("keepGenerations", stored.sink().pgvector().keepGenerations());
                    assertThat(sink).isEqualTo(server(manifest).admit(manifest).at("/spec/sink"));
                }));
    }

    /** What is stored must be readable: one object that the records refuse would stop the operator's informer. */
    @TestFactory
    Stream<DynamicTest> storesNothingThatTheRecordsRefuse() {
        return Manifests.validNames().stream()
                .map(name -> dynamicTest(name, () -> {
                    int stored = 0;
                    for (JsonNode manifest : oddManifests(Manifests.valid(name))) {
                        if (create(manifest).isEmpty()) {
                            stored++;
                            assertThatCode(() -> spec(server(manifest).admit(manifest)))
                                    .as(manifest.toString())
                                    .doesNotThrowAnyException();
                        }
                    }
                    assertThat(stored).as("odd manifests that are stored").isPositive();
                }));
    }

    /** The manifest with every value below its spec replaced, one at a time, by every oddity. */
    private static List<JsonNode> oddManifests(JsonNode manifest) {
        List<JsonNode> manifests = new ArrayList<>();
        JsonNode root = server(manifest).admit(manifest);
        replaceBelow(root, root.path("spec"), manifests);
        return manifests;
    }

    private static void replaceBelow(JsonNode root, JsonNode parent, List<JsonNode> manifests) {
        if (parent instanceof ObjectNode object) {
            for (String name : List.copyOf(
                    object.propertyStream().map(property -> property.getKey()).toList())) {
                JsonNode original = object.get(name);
                for (JsonNode oddity : ODDITIES) {
                    object.set(name, oddity);
                    manifests.add(root.deepCopy());
                }
                object.set(name, original);
                replaceBelow(root, original, manifests);
            }
        } else if (parent instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                JsonNode original = array.get(i);
                for (JsonNode oddity : ODDITIES) {
                    array.set(i, oddity);
                    manifests.add(root.deepCopy());
                }
                array.set(i, original);
                replaceBelow(root, original, manifests);
            }
        }
    }

    private static Record spec(JsonNode manifest) throws JsonProcessingException {
        return Manifests.YAML.treeToValue(manifest.path("spec"), kind(manifest).spec());
    }

    private static List<String> create(JsonNode manifest) {
        return server(manifest).create(manifest);
    }

    private static TestingApiServer server(JsonNode manifest) {
        return SERVERS.get(kind(manifest));
    }

    private static ApiKind kind(JsonNode manifest) {
        return ApiKind.valueOf(Manifests.kindOf(manifest));
    }
}
