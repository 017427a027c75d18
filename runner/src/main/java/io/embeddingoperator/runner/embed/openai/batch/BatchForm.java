package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import java.util.Map;

/** In what servers with batches differ: where they have them, what is sent to them, and how they tell of it. */
public sealed interface BatchForm permits OpenAiForm, MistralForm {
    static BatchForm of(OpenAiEmbedder spec) {
        return spec.server() == OpenAiServer.Mistral ? MistralForm.of(spec) : OpenAiForm.of(spec);
    }

    /** Where files and batches are, on the server that has the model. */
    OpenAiEndpoint endpoint(OpenAiEmbedder spec, OpenAiEndpoint server);

    /**
     * What its files are made of.
     *
     * @param members of the body of each line, beside its model and its texts
     * @param tokens the most of one line
     */
    RequestLines lines(Map<String, String> members, int tokens);

    /** All batches, behind the base URL. */
    String path();

    /** What makes a batch of a file. */
    ObjectNode order(String fileId, Map<String, String> metadata);

    /** A batch as the server tells of it. */
    ProviderBatch batch(JsonNode json);

    /**
     * The query of a page of a list.
     *
     * @param number from 0
     * @param after the last id of the page before; empty where there is none
     */
    String page(int number, int size, String after);

    /** Whether another page follows. */
    boolean hasMore(JsonNode page, int number, int size);

    /** Whether a file may be of no use for some time after its upload. */
    boolean preparesFiles();
}
