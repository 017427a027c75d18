package io.embeddingoperator.runner.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.manifest.ManifestReader;
import io.embeddingoperator.runner.plan.Estimate;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobEstimateTest {
    private static final RunnerEnvironment NOTHING = RunnerEnvironment.of(Map.of());

    @TempDir
    private Path folder;

    @Test
    void aProxyThatMayBillIsNotAsked() throws Exception {
        try (OpenAiSimulator proxy =
                OpenAiSimulator.start(SimulatorSettings.defaults().withProfile(Profile.LITELLM))) {
            Estimate estimate = JobEstimate.of(manifest(proxy.baseUri(), "LiteLLM", ""), NOTHING);

            assertThat(estimate.documents()).isPositive();
            assertThat(estimate.tokensPerSecond()).isZero();
            assertThat(proxy.statuses().of(Endpoint.EMBEDDINGS)).isZero();
        }
    }

    @Test
    void aServerOfOnesOwnShowsHowFastItIs() throws Exception {
        try (OpenAiSimulator server =
                OpenAiSimulator.start(SimulatorSettings.defaults().withProfile(Profile.VLLM))) {
            Estimate estimate = JobEstimate.of(manifest(server.baseUri(), "VLLM", ""), NOTHING);

            assertThat(estimate.tokensPerSecond()).isPositive();
        }
    }

    @Test
    void aBudgetWithoutAPriceIsRefusedAsARunRefusesIt() throws Exception {
        Manifest manifest =
                manifest(URI.create("http://localhost:1/v1"), "LiteLLM", "  budget: {maxCostUsd: \"1.00\"}\n");

        assertThatThrownBy(() -> JobEstimate.of(manifest, NOTHING))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("give spec.embedder.openai.price");
    }

    private Manifest manifest(URI server, String kind, String rest) throws IOException {
        Path corpus =
                Files.writeString(folder.resolve("corpus.ndjson"), "{\"id\":1,\"text\":\"a text of some words\"}\n");
        return ManifestReader.read(
                Files.writeString(folder.resolve("job.yaml"), """
                apiVersion: embedding-operator.io/v1alpha1
                kind: EmbeddingJob
                metadata: {name: estimated}
                spec:
                  source: {volume: {path: %s, format: NDJSON, keyField: id, textFields: [text]}}
                  embedder: {openai: {model: a-model, dimensions: 1536, baseUrl: "%s", server: %s}}
                  sink: {pgvector: {connection: {secretKeyRef: {name: vectors, key: uri}}, table: vectors}}
                """.formatted(corpus, server, kind) + rest));
    }
}
