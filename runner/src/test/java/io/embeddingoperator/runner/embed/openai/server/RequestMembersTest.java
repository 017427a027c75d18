package io.embeddingoperator.runner.embed.openai.server;

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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Voyage | voyage-law-2 | {input_type=\"document\", truncation=false} | {input_type=\"query\", truncation=false}",
                "Cohere | embed-v4.0 | {input_type=\"search_document\"} | {input_type=\"search_query\"}",
                "Jina | jina-embeddings-v3 | {dimensions=256, task=\"retrieval.passage\"} | {dimensions=256, task=\"retrieval.query\"}",
                "Jina | jina-embeddings-v2-base-en | {} | {}",
                "Gemini | gemini-embedding-001 | {dimensions=256} | {dimensions=256}",
                "VLLM | BAAI/bge-m3 | {} | {}",
            })
    void aProviderIsToldWhatIsADocumentAndWhatIsAQuery(String server, String model, String documents, String queries)
            throws JsonProcessingException {
        OpenAiEmbedder spec = spec(server, model, "");

        assertThat(RequestMembers.ofDocuments(spec)).hasToString(documents);
        assertThat(RequestMembers.ofQueries(spec)).hasToString(queries);
    }

    @Test
    void theManifestSaysMoreAndAQueryTheSameUnlessItIsToldOtherwise() throws JsonProcessingException {
        OpenAiEmbedder spec = spec("VLLM", "a-model", """
                documentFields: {input_type: passage, truncate: NONE, user: '"7"', top: "512", more: '{"a": [true]}', no: ""}
                queryFields: {input_type: query}
                """);

        assertThat(RequestMembers.ofDocuments(spec))
                .hasToString(
                        "{input_type=\"passage\", more={\"a\":[true]}, no=\"\", top=512, truncate=\"NONE\", user=\"7\"}");
        assertThat(RequestMembers.ofQueries(spec))
                .hasToString(
                        "{input_type=\"query\", more={\"a\":[true]}, no=\"\", top=512, truncate=\"NONE\", user=\"7\"}");
    }

    @Test
    void theManifestOverridesWhatIsSentByItselfOrTakesItBack() throws JsonProcessingException {
        OpenAiEmbedder otherTask = spec("Jina", "jina-embeddings-v3", "documentFields: {task: text-matching}");
        assertThat(RequestMembers.documentFields(otherTask)).hasToString("{task=\"text-matching\"}");
        assertThat(RequestMembers.ofQueries(otherTask)).containsEntry("task", "\"text-matching\"");

        OpenAiEmbedder saidAgain = spec("Voyage", "voyage-law-2", "documentFields: {input_type: document}");
        assertThat(RequestMembers.ofQueries(saidAgain)).containsEntry("input_type", "\"query\"");

        OpenAiEmbedder takenBack = spec("Cohere", "embed-v4.0", "documentFields: {input_type: 'null'}");
        assertThat(RequestMembers.ofDocuments(takenBack)).isEmpty();
        assertThat(RequestMembers.ofQueries(takenBack)).isEmpty();
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
