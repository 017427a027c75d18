package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenAI's own form, and the ways that others have of it.
 *
 * @param model as the lines name it
 * @param url that the lines and their batch name
 */
public record OpenAiForm(OpenAiServer server, String model, String url) implements BatchForm {
    private static final String EMBEDDINGS = "/embeddings";
    private static final String VERSION_1 = "/v1";

    /** Azure OpenAI has files and batches beside its deployments. */
    private static final Pattern DEPLOYMENT = Pattern.compile("(.+)/deployments/([^/?]+)/*(\\?.*)?");

    public OpenAiForm {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(url, "url");
    }

    static OpenAiForm of(OpenAiEmbedder spec) {
        Matcher deployment = DEPLOYMENT.matcher(spec.baseUrl());
        boolean ofDeployment = spec.server() == OpenAiServer.AzureOpenAI && deployment.matches();
        String model = Optional.ofNullable(spec.batchDeployment())
                .or(() -> Optional.ofNullable(spec.deployment()))
                .orElseGet(() -> ofDeployment ? deployment.group(2) : spec.model());
        boolean unversioned = spec.server() == OpenAiServer.AzureOpenAI && !isVersion1(spec.baseUrl());
        return new OpenAiForm(spec.server(), model, unversioned ? EMBEDDINGS : VERSION_1 + EMBEDDINGS);
    }

    private static boolean isVersion1(String baseUrl) {
        return baseUrl.replaceFirst("\\?.*", "").replaceFirst("/+$", "").endsWith(VERSION_1);
    }

    @Override
    public OpenAiEndpoint endpoint(OpenAiEmbedder spec, OpenAiEndpoint endpoint) {
        return switch (server) {
            case AzureOpenAI -> {
                Matcher deployment = DEPLOYMENT.matcher(endpoint.base().toString());
                yield deployment.matches() ? endpoint.at(deployment.group(1)) : endpoint;
            }
            // It chooses among providers, and does not look into files.
            case LiteLLM -> endpoint.with("x-litellm-model", spec.sentModel());
            case OpenAI,
                    TextEmbeddingsInference,
                    VLLM,
                    Infinity,
                    Ollama,
                    Gemini,
                    Mistral,
                    Voyage,
                    Cohere,
                    Jina,
                    DashScope,
                    VertexAI,
                    LlamaCpp -> endpoint;
        };
    }

    @Override
    public RequestLines lines(Map<String, String> members, int tokens) {
        return new RequestLines(model, members, Optional.of(url), server != OpenAiServer.VLLM, tokens);
    }

    @Override
    public String path() {
        return "/batches";
    }

    @Override
    public ObjectNode order(String fileId, Map<String, String> metadata) {
        ObjectNode order = JsonNodeFactory.instance.objectNode();
        order.put("input_file_id", fileId).put("endpoint", url).put("completion_window", "24h");
        metadata.forEach(order.putObject("metadata")::put);
        return order;
    }

    /** Azure OpenAI tells when a batch expires, and goes on working on it all the same. */
    @Override
    public ProviderBatch batch(JsonNode json) {
        ProviderBatch batch = ProviderBatch.of(json);
        return server == OpenAiServer.AzureOpenAI ? batch.withoutExpiry() : batch;
    }

    @Override
    public String page(int number, int size, String after) {
        String cursor = after.isEmpty() ? "" : "&after=" + URLEncoder.encode(after, StandardCharsets.UTF_8);
        return "limit=" + size + cursor;
    }

    @Override
    public boolean hasMore(JsonNode page, int number, int size) {
        return page.path("has_more").asBoolean();
    }

    @Override
    public boolean preparesFiles() {
        return server != OpenAiServer.OpenAI;
    }
}
