package io.embeddingoperator.runner.embed.openai.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.OpenAiMode;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiEndpointTest {
    @ParameterizedTest
    @CsvSource({
        "https://a.example/openai/, , /files, /openai/files",
        "https://a.example/openai, 2024-10-21, /files, /openai/files?api-version=2024-10-21",
        "https://a.example/openai?api-version=2024-10-21, , /files, /openai/files?api-version=2024-10-21",
        "https://a.example/openai/?tenant=b, 2024-10-21, /files?limit=3, /openai/files?limit=3&tenant=b&api-version=2024-10-21"
    })
    void everyPathKeepsTheQueryOfTheBaseUrl(String baseUrl, String apiVersion, String path, String uri) {
        assertThat(endpoint(baseUrl, apiVersion).uri(path)).isEqualTo(uri);
    }

    @Test
    void aQueryIsNotShown() {
        assertThat(endpoint("https://a.example/v1?code=secret", null)).hasToString("https://a.example/v1");
    }

    @Test
    void aVersionThatIsNamedTwiceIsRefused() {
        assertThatThrownBy(() -> endpoint("https://a.example/v1?api-version=1", "2"))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("spec.embedder.openai.apiVersion")
                .hasMessageContaining("leave one of them out");
    }

    private static OpenAiEndpoint endpoint(String baseUrl, String apiVersion) {
        return OpenAiEndpoint.withoutKey(TestingOpenAi.model("text-embedding-3-small", 16)
                .with("baseUrl", baseUrl)
                .with("server", OpenAiServer.LiteLLM)
                .with("apiVersion", apiVersion)
                .with("mode", OpenAiMode.Realtime)
                .with("maxTokens", 512)
                .with("prefix", "")
                .with("queryPrefix", "")
                .embedder());
    }
}
