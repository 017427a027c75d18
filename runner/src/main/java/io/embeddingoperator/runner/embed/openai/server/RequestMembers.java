package io.embeddingoperator.runner.embed.openai.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a request says beside its texts, its model and the form of vectors: members of its body by name, each value as JSON. */
public final class RequestMembers {
    private static final Pattern VOYAGE_LETS_CHOOSE = Pattern.compile("voyage-(4|3\\.5|3-large|code-3)");
    private static final Pattern JINA_LETS_CHOOSE = Pattern.compile("jina-(embeddings-v[3-9]|code-embeddings|clip-v2)");
    private static final Pattern JINA_TELLS_TASKS = Pattern.compile("jina-embeddings-v[3-9]");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private RequestMembers() {}

    /** Of a request for documents. */
    public static Map<String, String> ofDocuments(OpenAiEmbedder spec) {
        return withDimensions(spec, documentFields(spec));
    }

    /** Of a request for a search text: those for documents, but for what tells the one from the other. */
    public static Map<String, String> ofQueries(OpenAiEmbedder spec) {
        Map<String, String> fields = asJson(spec.documentFields());
        fields.entrySet().removeAll(knownDocumentFields(spec).entrySet());
        knownQueryFields(spec).forEach(fields::putIfAbsent);
        fields.putAll(asJson(spec.queryFields()));
        return withDimensions(spec, said(fields));
    }

    /** What changes the vectors of documents, beside their length. */
    public static Map<String, String> documentFields(OpenAiEmbedder spec) {
        Map<String, String> fields = new TreeMap<>(knownDocumentFields(spec));
        fields.putAll(asJson(spec.documentFields()));
        return said(fields);
    }

    /** As a manifest has them. */
    public static String text(Map<String, String> members) {
        return members.entrySet().stream()
                .map(member -> member.getKey() + ": " + member.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static Map<String, String> knownDocumentFields(OpenAiEmbedder spec) {
        return knownFields(spec, "document", "passage");
    }

    private static Map<String, String> knownQueryFields(OpenAiEmbedder spec) {
        return knownFields(spec, "query", "query");
    }

    /**
     * What a provider is told of each text by itself.
     *
     * @param side of a search, in the words of most
     * @param sideOfJina the same in Jina's word
     */
    private static Map<String, String> knownFields(OpenAiEmbedder spec, String side, String sideOfJina) {
        return switch (spec.server()) {
            // A text that is too long is cut in silence otherwise.
            case Voyage -> Map.of("input_type", quoted(side), "truncation", "false");
            case Cohere -> Map.of("input_type", quoted("search_" + side));
            case Jina ->
                JINA_TELLS_TASKS.matcher(spec.model()).find()
                        ? Map.of("task", quoted("retrieval." + sideOfJina))
                        : Map.of();
            case OpenAI,
                    AzureOpenAI,
                    TextEmbeddingsInference,
                    VLLM,
                    Infinity,
                    Ollama,
                    LiteLLM,
                    LlamaCpp,
                    Gemini,
                    Mistral,
                    DashScope,
                    VertexAI -> Map.of();
        };
    }

    /** Without what the manifest takes back. */
    private static Map<String, String> said(Map<String, String> fields) {
        fields.values().removeIf("null"::equals);
        return fields;
    }

    private static Map<String, String> withDimensions(OpenAiEmbedder spec, Map<String, String> fields) {
        if (asksForDimensions(spec)) {
            fields.put(dimensionsName(spec), spec.dimensions().toString());
        }
        return fields;
    }

    private static Map<String, String> asJson(Map<String, String> values) {
        Map<String, String> fields = new TreeMap<>();
        values.forEach((name, value) -> fields.put(name, json(value)));
        return fields;
    }

    /** A value that is JSON as it stands, any other as a text. */
    private static String json(String value) {
        try {
            JsonNode node = JSON.readTree(value);
            return node.isMissingNode() ? quoted(value) : node.toString();
        } catch (JsonProcessingException e) {
            return quoted(value);
        }
    }

    private static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }

    private static boolean asksForDimensions(OpenAiEmbedder spec) {
        return switch (spec.sendDimensions()) {
            case Auto -> letsChoose(spec);
            case Always -> true;
            case Never -> false;
        };
    }

    /** Whether the model is known to give vectors of another length than its own. */
    private static boolean letsChoose(OpenAiEmbedder spec) {
        String model = spec.model();
        return switch (spec.server()) {
            case OpenAI, AzureOpenAI, LiteLLM -> model.contains("text-embedding-3");
            case Gemini -> model.contains("gemini-embedding");
            case Mistral -> model.contains("codestral-embed");
            case Voyage -> VOYAGE_LETS_CHOOSE.matcher(model).find();
            case Jina -> JINA_LETS_CHOOSE.matcher(model).find();
            case DashScope -> model.contains("text-embedding-v3") || model.contains("text-embedding-v4");
            case TextEmbeddingsInference, VLLM, Infinity, Ollama, LlamaCpp, Cohere, VertexAI -> false;
        };
    }

    private static String dimensionsName(OpenAiEmbedder spec) {
        return switch (spec.server()) {
            case Mistral, Voyage -> "output_dimension";
            case OpenAI,
                    AzureOpenAI,
                    TextEmbeddingsInference,
                    VLLM,
                    Infinity,
                    Ollama,
                    LiteLLM,
                    LlamaCpp,
                    Gemini,
                    Cohere,
                    Jina,
                    DashScope,
                    VertexAI -> "dimensions";
        };
    }
}
