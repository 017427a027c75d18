package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.embed.openai.http.OpenAiReply;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.ToIntFunction;

/** In what servers with batches differ: where they have them, what is sent to them, and how they tell of it. */
public sealed interface BatchForm permits OpenAiForm, MistralForm, GeminiForm {
    static BatchForm of(OpenAiEmbedder spec) {
        return switch (spec.server()) {
            case Mistral -> MistralForm.of(spec);
            case Gemini -> GeminiForm.of(spec);
            case OpenAI,
                    AzureOpenAI,
                    TextEmbeddingsInference,
                    VLLM,
                    Infinity,
                    Ollama,
                    LiteLLM,
                    Voyage,
                    Cohere,
                    Jina,
                    DashScope,
                    VertexAI,
                    LlamaCpp -> OpenAiForm.of(spec);
        };
    }

    /** Where files and batches are, on the server that has the model. */
    OpenAiEndpoint endpoint(OpenAiEmbedder spec, OpenAiEndpoint server);

    /**
     * What its files are made of.
     *
     * @param members of the body of each line, beside its model and its texts
     * @param tokens the most of one line
     */
    BatchLines lines(Map<String, String> members, int tokens);

    /**
     * What a file of results says.
     *
     * @param dimensions of a vector
     * @param expected how many vectors the custom_id of a document waits for; 0 where they are of no use
     */
    default BatchResults results(InputStream in, int dimensions, ToIntFunction<String> expected) {
        return new ResultReader(in, dimensions, expected);
    }

    /** Sends a file under a name. */
    default OpenAiReply upload(OpenAiHttp http, Path file, String name) throws OpenAiException, InterruptedException {
        return http.upload("/files", Map.of("purpose", "batch"), file, name);
    }

    /** All files, with what a query goes on behind. */
    default String files() {
        return "/files?purpose=batch&";
    }

    default String file(String id) {
        return "/files/" + id;
    }

    default String content(String id) {
        return file(id) + "/content";
    }

    /** A file as the server tells of it. */
    default StoredFile file(JsonNode json) {
        return StoredFile.of(json);
    }

    /** All batches, behind the base URL. */
    String path();

    /** Where batches are made. */
    default String creation() {
        return path();
    }

    default String batch(String id) {
        return path() + "/" + id;
    }

    default String cancellation(String id) {
        return batch(id) + "/cancel";
    }

    /** What makes a batch of a file. */
    ObjectNode order(String fileId, Map<String, String> metadata);

    /** A batch as the server tells of it. */
    ProviderBatch batch(JsonNode json);

    /**
     * The query of a page of a list.
     *
     * @param number from 0
     * @param after the {@link #cursor} of the page before; empty where there is none
     */
    String page(int number, int size, String after);

    /** What a page holds. */
    default JsonNode items(JsonNode page) {
        return page.path("data");
    }

    /** What the next page goes on behind: no page but the last has the same; empty where it holds nothing. */
    default String cursor(JsonNode page) {
        return items(page).path(items(page).size() - 1).path("id").asText();
    }

    /** Whether another page follows. */
    boolean hasMore(JsonNode page, int number, int size);

    /** Whether a file may be of no use for some time after its upload. */
    boolean preparesFiles();
}
