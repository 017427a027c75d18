package io.embeddingoperator.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.api.testing.Manifests;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EmbeddingJobSpecTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicTest> refusesBadInputInOneSentence() {
        return Manifests.refusals(ApiVersion.KIND).stream()
                .filter(refusal -> refusal.record() != null)
                .map(refusal -> dynamicTest(refusal.name(), () -> {
                    JsonNode spec = refusal.manifest().path("spec");

                    var refused = catchThrowableOfType(JsonProcessingException.class, () -> read(spec));

                    assertThat(refused).as("a refusal").isNotNull();
                    assertThat(sentenceOf(refused)).isEqualTo(refusal.record());
                }));
    }

    @TestFactory
    Stream<DynamicTest> staysTheSameThroughJson() {
        return Manifests.validNames(ApiVersion.KIND).stream()
                .map(name -> dynamicTest(name, () -> {
                    EmbeddingJobSpec spec = read(Manifests.valid(name).path("spec"));

                    String json = JSON.writeValueAsString(spec);

                    assertThat(JSON.readValue(json, EmbeddingJobSpec.class)).isEqualTo(spec);
                    assertThat(json).doesNotContain("null");
                }));
    }

    @Test
    void metadataOfFilesThatIsNotNamedIsUnknownToOlderRunnersAndLeftOut() throws JsonProcessingException {
        var files = (ObjectNode) Manifests.valid("gpu-template").path("spec");
        assertThat(written(files, "/source/volume").path("metadata")).hasSize(2);

        files.withObject("/source/volume").remove("metadata");

        assertThat(written(files, "/source/volume").has("metadata")).isFalse();
    }

    @Test
    void columnsOfAKeyThatAreNotNamedAreUnknownToOlderRunnersAndLeftOut() throws JsonProcessingException {
        var table = (ObjectNode) Manifests.valid("postgres-to-pgvector").path("spec");
        assertThat(written(table, "/source/postgres").has("keyColumns")).isFalse();

        ObjectNode source = table.withObject("/source/postgres");
        source.remove("keyColumn");
        source.putArray("keyColumns").add("tenant").add("id");

        assertThat(written(table, "/source/postgres").path("keyColumns")).hasSize(2);
        assertThat(written(table, "/source/postgres").has("keyColumn")).isFalse();
    }

    @Test
    void writesWhatTheManifestSaid() throws JsonProcessingException {
        ObjectNode manifest = Manifests.valid("postgres-to-pgvector").withObject("spec");

        var written = (ObjectNode) JSON.readTree(JSON.writeValueAsString(read(manifest)));

        manifest.remove("template");
        written.remove("template");
        assertThat(written).isEqualTo(JSON.readTree(manifest.toString()));
    }

    @Test
    void fillsInWhatAManifestLeavesOut() throws JsonProcessingException {
        EmbeddingJobSpec spec = read(Manifests.valid("least").path("spec"));

        assertThat(spec.chunking()).isEqualTo(new ChunkingSpec(ChunkingStrategy.Recursive, 256, 0));
        assertThat(spec.sharding()).isEqualTo(new ShardingSpec(1, 1));
        assertThat(spec.failurePolicy()).isEqualTo(new FailurePolicy(0L, 6));
        assertThat(spec.budget()).isNull();
        assertThat(spec.suspend()).isFalse();
        assertThat(spec.runNonce()).isEqualTo(1);
        assertThat(spec.podRetentionSeconds()).isEqualTo(86_400);
        assertThat(spec.template()).isEqualTo(RunnerTemplate.EMPTY);
        assertThat(spec.embedder().onnx())
                .isEqualTo(new OnnxEmbedder(
                        new ModelSource("all-minilm-l6-v2", null, null, null, null),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        Device.Auto,
                        16_384));
        assertThat(spec.sink().pgvector().vectorType()).isEqualTo(VectorType.Vector);
        assertThat(spec.sink().pgvector().index()).isEqualTo(new IndexSpec(IndexType.HNSW, null, 16, 64, 0.95));
        assertThat(spec.sink().pgvector().orphans()).isEqualTo(OrphanPolicy.Keep);
        assertThat(spec.sink().pgvector().ownership()).isEqualTo(TableOwnership.Own);
        assertThat(spec.sink().pgvector().orphanLimitPercent()).isEqualTo(20);
        assertThat(spec.sink().pgvector().onEmpty()).isEqualTo(EmptyPolicy.Keep);
        assertThat(spec.sink().pgvector().replacement()).isEqualTo(TableReplacement.InPlace);
        assertThat(spec.sink().pgvector().keepGenerations()).isEqualTo(1);
    }

    @Test
    void readsTheNameThatPodRetentionHadBefore() throws JsonProcessingException {
        ObjectNode manifest = Manifests.valid("least").withObject("spec");

        manifest.put("ttlSecondsAfterFinished", 60);

        assertThat(read(manifest).podRetentionSeconds()).isEqualTo(60);
        assertThat(JSON.writeValueAsString(read(manifest)))
                .contains("\"podRetentionSeconds\":60")
                .doesNotContain("ttlSecondsAfterFinished");
    }

    @Test
    void leavesUnsaidWhatOlderRunnersDoNotKnow() throws JsonProcessingException {
        ObjectNode manifest = Manifests.valid("least").withObject("spec");
        ObjectNode pgvector = manifest.withObject("/sink/pgvector");
        pgvector.put("ownership", "Own");
        pgvector.put("orphanLimitPercent", 20);
        pgvector.put("onEmpty", "Keep");
        pgvector.put("replacement", "InPlace");
        pgvector.put("keepGenerations", 1);
        pgvector.withObject("/index").put("targetRecall", 0.95);

        assertThat(JSON.writeValueAsString(read(manifest).sink()))
                .doesNotContain(
                        "ownership", "orphanLimitPercent", "onEmpty", "replacement", "keepGenerations", "targetRecall");

        pgvector.put("ownership", "Share");
        pgvector.put("orphanLimitPercent", 35);
        pgvector.put("onEmpty", "Delete");
        pgvector.withObject("/index").put("targetRecall", 0.99);
        EmbeddingJobSpec changed = read(manifest);
        assertThat(JSON.readValue(JSON.writeValueAsString(changed), EmbeddingJobSpec.class))
                .isEqualTo(changed);
    }

    @Test
    void leavesUnsaidWhatOlderRunnersDoNotKnowOfAProvider() throws JsonProcessingException {
        ObjectNode manifest = Manifests.valid("s3-through-openai").withObject("spec");
        ObjectNode openAi = manifest.withObject("/embedder/openai");
        openAi.put("sendDimensions", "Auto");

        assertThat(JSON.writeValueAsString(read(manifest).embedder()))
                .doesNotContain(
                        "sendDimensions",
                        "deployment",
                        "caBundle",
                        "organization",
                        "project",
                        "headers",
                        "requestTimeoutSeconds",
                        "Fields");

        openAi.put("sendDimensions", "Never");
        assertThat(JSON.writeValueAsString(read(manifest).embedder())).contains("\"sendDimensions\":\"Never\"");
    }

    @Test
    void selectsTheMemberThatIsSet() throws JsonProcessingException {
        EmbeddingJobSpec database = read(Manifests.valid("postgres-to-pgvector").path("spec"));
        EmbeddingJobSpec objects = read(Manifests.valid("s3-through-openai").path("spec"));
        EmbeddingJobSpec files = read(Manifests.valid("gpu-template").path("spec"));

        assertThat(database.source().selected()).isInstanceOf(PostgresSource.class);
        assertThat(objects.source().selected()).isInstanceOf(S3Source.class);
        assertThat(files.source().selected()).isInstanceOf(VolumeSource.class);
        assertThat(objects.embedder().selected()).isInstanceOf(OpenAiEmbedder.class);
        assertThat(database.embedder().onnx().model().selected()).isEqualTo(new Model.Bundled("all-minilm-l6-v2"));
        assertThat(files.embedder().onnx().model().selected()).isEqualTo(new Model.Folder("/model"));
    }

    @Test
    void refusesAFieldThatItDoesNotKnow() {
        ObjectNode spec = Manifests.valid("least").withObject("spec");
        spec.put("paralelism", 4);

        assertThatThrownBy(() -> read(spec))
                .isInstanceOf(JsonProcessingException.class)
                .hasMessageStartingWith("Unrecognized field \"paralelism\"");
    }

    @Test
    void refusesAChoiceThatItDoesNotKnow() {
        ObjectNode spec = Manifests.valid("least").withObject("spec");
        spec.withObject("embedder").withObject("onnx").put("pooling", "Attention");

        assertThatThrownBy(() -> read(spec))
                .isInstanceOf(JsonProcessingException.class)
                .hasMessageContainingAll(
                        "\"Attention\"", "Mean", "CLS", "LastToken", "[\"embedder\"]", "[\"pooling\"]");
    }

    @Test
    void refusesANumberThatDoesNotFit() {
        ObjectNode spec = Manifests.valid("least").withObject("spec");
        spec.put("runNonce", 2_147_483_648L);

        assertThatThrownBy(() -> read(spec))
                .isInstanceOf(JsonProcessingException.class)
                .hasMessageContainingAll("2147483648", "out of range", "[\"runNonce\"]");
    }

    @Test
    void refusesALabelWithoutAValue() {
        var noValue = new HashMap<String, String>(Map.of("team", "search"));
        noValue.put("queue", null);

        assertThatThrownBy(() ->
                        new RunnerTemplate(noValue, null, null, null, null, null, null, null, null, null, null, null))
                .hasMessage("spec.template.labels.queue is missing: give it a value, or remove it");
    }

    @Test
    void keepsItsOwnCopyOfAList() {
        var columns = new ArrayList<>(List.of("title"));
        var source = new PostgresSource(
                new SecretValue(new SecretKeyReference("db", "uri")),
                "articles",
                "id",
                null,
                columns,
                null,
                null,
                null);

        columns.add("body");

        assertThat(source.textColumns()).containsExactly("title");
    }

    private static JsonNode written(JsonNode spec, String part) throws JsonProcessingException {
        return JSON.valueToTree(read(spec)).at(part);
    }

    private static EmbeddingJobSpec read(JsonNode spec) throws JsonProcessingException {
        return Manifests.YAML.treeToValue(spec, EmbeddingJobSpec.class);
    }

    private static String sentenceOf(JsonProcessingException refused) {
        return refused.getCause() instanceof IllegalArgumentException rule
                ? rule.getMessage()
                : refused.getOriginalMessage();
    }
}
