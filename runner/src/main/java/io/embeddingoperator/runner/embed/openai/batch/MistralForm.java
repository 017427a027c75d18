package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Mistral's form: jobs, whose lines name no URL, and lists whose pages have numbers. */
public record MistralForm(String model) implements BatchForm {
    private static final int HOURS = 24;
    private static final int MOST_A_PAGE = 100;

    public MistralForm {
        Objects.requireNonNull(model, "model");
    }

    static MistralForm of(OpenAiEmbedder spec) {
        return new MistralForm(Optional.ofNullable(spec.batchDeployment()).orElseGet(spec::sentModel));
    }

    @Override
    public OpenAiEndpoint endpoint(OpenAiEmbedder spec, OpenAiEndpoint server) {
        return server;
    }

    @Override
    public RequestLines lines(Map<String, String> members, int tokens) {
        return new RequestLines(model, members, Optional.empty(), false, tokens);
    }

    @Override
    public String path() {
        return "/batch/jobs";
    }

    @Override
    public ObjectNode order(String fileId, Map<String, String> metadata) {
        ObjectNode order = JsonNodeFactory.instance.objectNode();
        order.putArray("input_files").add(fileId);
        order.put("endpoint", "/v1/embeddings").put("model", model).put("timeout_hours", HOURS);
        metadata.forEach(order.putObject("metadata")::put);
        return order;
    }

    @Override
    public ProviderBatch batch(JsonNode json) {
        return ProviderBatch.ofJob(json);
    }

    @Override
    public String page(int number, int size, String after) {
        return "page=%d&page_size=%d".formatted(number, Math.min(size, MOST_A_PAGE));
    }

    @Override
    public boolean hasMore(JsonNode page, int number, int size) {
        return page.path("total").asLong() > (number + 1L) * Math.min(size, MOST_A_PAGE);
    }

    @Override
    public boolean preparesFiles() {
        return false;
    }
}
