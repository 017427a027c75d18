package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a request says beside its texts, its model and the form of vectors: members of its body by name, each value as JSON. */
public final class RequestMembers {
    private static final Pattern VOYAGE_LETS_CHOOSE = Pattern.compile("voyage-(4|3\\.5|3-large|code-3)");
    private static final Pattern JINA_LETS_CHOOSE = Pattern.compile("jina-(embeddings-v[3-9]|code-embeddings|clip-v2)");

    private RequestMembers() {}

    public static Map<String, String> ofDocuments(OpenAiEmbedder spec) {
        Map<String, String> members = new TreeMap<>();
        if (asksForDimensions(spec)) {
            members.put(dimensionsName(spec), spec.dimensions().toString());
        }
        return members;
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
