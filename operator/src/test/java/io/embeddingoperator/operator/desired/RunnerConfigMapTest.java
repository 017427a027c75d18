package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.operator.testing.TestingManifest;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class RunnerConfigMapTest {
    /** As strict as a runner. */
    private static final ObjectMapper RUNNER = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    @Test
    void aRunnerReadsTheSpecThatTheUserWrote() throws IOException {
        // given: texts that YAML could take for something else
        EmbeddingJob manifest = TestingManifest.wiki("""
                spec:
                  source: {postgres: {where: "flag = 'yes'\\n  and note <> '1e3: #'", keyColumn: "007", textColumns: ["no", "2026-01-01"]}}
                  budget: {maxCostUsd: "25.00"}
                """);

        // when
        JsonNode read = yaml(manifest);

        // then
        assertThat(RUNNER.treeToValue(read.path("spec"), EmbeddingJobSpec.class))
                .isEqualTo(manifest.getSpec());
        assertThat(read.path("apiVersion").textValue()).isEqualTo("embedding-operator.io/v1alpha1");
        assertThat(read.path("kind").textValue()).isEqualTo("EmbeddingJob");
    }

    @Test
    void aRunnerKnowsWhichObjectItWorksFor() throws IOException {
        assertThat(yaml(TestingManifest.wiki()).path("metadata"))
                .isEqualTo(RUNNER.createObjectNode()
                        .put("name", "wiki")
                        .put("namespace", "search")
                        .put("uid", "7c1e3c1a-3f0e-4d2b-9f61-0b6d7a1b2c3d"));
    }

    @Test
    void theTemplateStaysOutside() throws IOException {
        EmbeddingJob manifest =
                TestingManifest.wiki("spec: {template: {env: [{name: HTTPS_PROXY, value: user-and-password}]}}");

        assertThat(yaml(manifest).path("spec").has("template")).isFalse();
    }

    private static JsonNode yaml(EmbeddingJob manifest) throws IOException {
        return RUNNER.readTree(RunnerConfigMap.desired(manifest).getData().get(RunnerConfigMap.KEY));
    }
}
