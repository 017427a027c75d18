package io.embeddingoperator.runner.embed.openai.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ServerPresetTest {
    @ParameterizedTest
    @CsvSource({
        "OpenAI, text-embedding-3-small, 2048, 300000, BASE64",
        "Gemini, gemini-embedding-001, 100, 100000, UNSAID",
        "Mistral, mistral-embed, 256, 12000, NUMBERS",
        "Voyage, voyage-4, 1000, 80000, BASE64",
        "Cohere, embed-v4.0, 96, 80000, NUMBERS",
        "Jina, jina-embeddings-v4, 512, 80000, UNSAID",
        "DashScope, text-embedding-v4, 10, 24000, NUMBERS",
        "VertexAI, google/text-embedding-005, 250, 16000, UNSAID",
        "VertexAI, google/gemini-embedding-001, 1, 16000, UNSAID",
        "LlamaCpp, nomic-embed-text-v1.5, 64, 32768, BASE64",
    })
    void eachProviderIsAskedForNoMoreThanItTakes(
            OpenAiServer server, String model, int texts, int tokens, VectorForm form) throws JsonProcessingException {
        ServerPreset preset = ServerPreset.of(spec(server, model, ""));

        assertThat(preset.maxTexts()).isEqualTo(texts);
        assertThat(preset.maxTokens()).isEqualTo(tokens);
        assertThat(preset.form()).isEqualTo(form);
    }

    @Test
    void theManifestKnowsAnAccountBetter() throws JsonProcessingException {
        ServerPreset preset = ServerPreset.of(spec(
                OpenAiServer.DashScope,
                "text-embedding-v2",
                "limits: {maxRequestTexts: 25, maxRequestTokens: 50000, maxConcurrentRequests: 2}"));

        assertThat(preset.maxTexts()).isEqualTo(25);
        assertThat(preset.maxTokens()).isEqualTo(50_000);
        assertThat(preset.concurrency()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(OpenAiServer.class)
    void onlyWhoBillsOwesABill(OpenAiServer server) throws JsonProcessingException {
        assertThat(ServerPreset.of(spec(server, "a-model", "")).bills()).matches(bills -> !bills || server.mayBill());
    }

    private static OpenAiEmbedder spec(OpenAiServer server, String model, String more) throws JsonProcessingException {
        return new YAMLMapper().readValue("""
                server: %s
                model: %s
                dimensions: 768
                baseUrl: http://example.com/v1
                apiKey: {secretKeyRef: {name: provider, key: apiKey}}
                %s
                """.formatted(server, model, more), OpenAiEmbedder.class);
    }
}
