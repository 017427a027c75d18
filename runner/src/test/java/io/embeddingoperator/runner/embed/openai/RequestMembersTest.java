package io.embeddingoperator.runner.embed.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestMembersTest {
    @ParameterizedTest
    @CsvSource({
        "OpenAI, text-embedding-3-large, dimensions",
        "OpenAI, text-embedding-ada-002, ",
        "Gemini, gemini-embedding-001, dimensions",
        "Mistral, codestral-embed, output_dimension",
        "Mistral, mistral-embed, ",
        "Voyage, voyage-4-large, output_dimension",
        "Voyage, voyage-3.5-lite, output_dimension",
        "Voyage, voyage-law-2, ",
        "Cohere, embed-v4.0, ",
        "Jina, jina-embeddings-v3, dimensions",
        "Jina, jina-embeddings-v2-base-en, ",
        "DashScope, text-embedding-v4, dimensions",
        "DashScope, text-embedding-v2, ",
        "VertexAI, google/gemini-embedding-001, ",
        "LlamaCpp, text-embedding-3-large, ",
    })
    void dimensionsAreAskedForByTheServersNameWhereTheModelLetsOneChoose(String server, String model, String name)
            throws JsonProcessingException {
        Map<String, String> members = RequestMembers.ofDocuments(spec(server, model, ""));

        assertThat(members.get("dimensions")).isEqualTo("dimensions".equals(name) ? "256" : null);
        assertThat(members.get("output_dimension")).isEqualTo("output_dimension".equals(name) ? "256" : null);
    }

    @Test
    void theManifestDecidesWhetherDimensionsAreAskedFor() throws JsonProcessingException {
        assertThat(RequestMembers.ofDocuments(spec("Mistral", "a-model-of-next-year", "sendDimensions: Always")))
                .containsEntry("output_dimension", "256");
        assertThat(RequestMembers.ofDocuments(spec("Gemini", "gemini-embedding-001", "sendDimensions: Never")))
                .doesNotContainKey("dimensions");
    }

    private static OpenAiEmbedder spec(String server, String model, String more) throws JsonProcessingException {
        return new YAMLMapper().readValue("""
                server: %s
                model: %s
                dimensions: 256
                baseUrl: http://example.com/v1
                apiKey: {secretKeyRef: {name: provider, key: apiKey}}
                %s
                """.formatted(server, model, more), OpenAiEmbedder.class);
    }
}
