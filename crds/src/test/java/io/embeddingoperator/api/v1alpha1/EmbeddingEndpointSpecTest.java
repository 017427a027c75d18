package io.embeddingoperator.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.embeddingoperator.api.testing.Manifests;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EmbeddingEndpointSpecTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    @TestFactory
    Stream<DynamicTest> refusesBadInputInOneSentence() {
        return Manifests.refusals(ApiVersion.ENDPOINT_KIND).stream()
                .filter(refusal -> refusal.record() != null)
                .map(refusal -> dynamicTest(refusal.name(), () -> {
                    JsonNode spec = refusal.manifest().path("spec");

                    var refused = catchThrowableOfType(ValueInstantiationException.class, () -> read(spec));

                    assertThat(refused).as("a refusal").isNotNull();
                    assertThat(refused.getCause()).hasMessage(refusal.record());
                }));
    }

    @TestFactory
    Stream<DynamicTest> staysTheSameThroughJson() {
        return Manifests.validNames(ApiVersion.ENDPOINT_KIND).stream()
                .map(name -> dynamicTest(name, () -> {
                    EmbeddingEndpointSpec spec = read(Manifests.valid(name).path("spec"));

                    String json = JSON.writeValueAsString(spec);

                    assertThat(JSON.readValue(json, EmbeddingEndpointSpec.class))
                            .isEqualTo(spec);
                    assertThat(json).doesNotContain("null");
                }));
    }

    @TestFactory
    Stream<DynamicTest> isWhatTheKubernetesClientReads() {
        return Manifests.validNames(ApiVersion.ENDPOINT_KIND).stream()
                .map(name -> dynamicTest(name, () -> {
                    JsonNode manifest = Manifests.valid(name);

                    EmbeddingEndpoint endpoint = KUBERNETES.unmarshal(manifest.toString(), EmbeddingEndpoint.class);

                    assertThat(endpoint.getKind()).isEqualTo(ApiVersion.ENDPOINT_KIND);
                    assertThat(endpoint.getSpec()).isEqualTo(read(manifest.path("spec")));
                }));
    }

    @Test
    void theLeastManifestSaysNoMoreThanTheJob() throws JsonProcessingException {
        EmbeddingEndpointSpec spec = read(Manifests.valid("endpoint-of-a-job").path("spec"));

        assertThat(spec.embedder().selected()).isEqualTo(new EndpointModel.OfJob("wiki"));
        assertThat(spec.replicas()).isEqualTo(1);
        assertThat(spec.scaling()).isEqualTo(new EndpointScaling(1, null, 70));
        assertThat(spec.limits()).isEqualTo(new EndpointLimits(200, 2048));
        assertThat(spec.template()).isEqualTo(RunnerTemplate.EMPTY);
    }

    @Test
    void theExampleIsWhatItSays() throws IOException {
        JsonNode example =
                Manifests.YAML.readTree(Path.of("../examples/endpoint.yaml").toFile());

        assertThat(read(example.path("spec")).scaling()).isEqualTo(new EndpointScaling(2, 20, 70));
    }

    private static EmbeddingEndpointSpec read(JsonNode spec) throws JsonProcessingException {
        return Manifests.YAML.treeToValue(spec, EmbeddingEndpointSpec.class);
    }
}
