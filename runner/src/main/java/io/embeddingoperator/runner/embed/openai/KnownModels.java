package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.regex.Pattern;

/** What is known of providers' models before anything is sent, and paid for. */
final class KnownModels {
    private static final Pattern GEMINI_OF_2048_TOKENS =
            Pattern.compile("gemini-embedding-001|text-embedding-00[45]|text-multilingual-embedding-002");
    private static final Pattern COHERE_OF_512_TOKENS = Pattern.compile("embed-.*-v3\\.0");

    private KnownModels() {}

    /**
     * The most tokens of a text, counted as OpenAI counts them: those of the manifest, or fewer where a provider is known to leave out
     * in silence what is too long for its model. Its own tokens may be some more than are counted here.
     */
    static int mostTokens(OpenAiEmbedder spec) {
        return switch (spec.server()) {
            case Gemini, VertexAI -> most(spec, GEMINI_OF_2048_TOKENS, 1_800);
            case Cohere -> most(spec, COHERE_OF_512_TOKENS, 400);
            case OpenAI,
                    AzureOpenAI,
                    TextEmbeddingsInference,
                    VLLM,
                    Infinity,
                    Ollama,
                    LiteLLM,
                    LlamaCpp,
                    Mistral,
                    Voyage,
                    Jina,
                    DashScope -> spec.maxTokens();
        };
    }

    private static int most(OpenAiEmbedder spec, Pattern models, int tokens) {
        return models.matcher(spec.model()).find() ? Math.min(tokens, spec.maxTokens()) : spec.maxTokens();
    }

    /** @throws SpecificationException when the model never gives vectors of this length */
    static void check(OpenAiEmbedder spec) {
        if (!spec.server().hasOpenAiModels()) {
            return;
        }
        switch (spec.model()) {
            case "text-embedding-ada-002" -> checkExactly(spec, 1_536);
            case "text-embedding-3-small" -> checkAtMost(spec, 1_536);
            case "text-embedding-3-large" -> checkAtMost(spec, 3_072);
            default -> {}
        }
    }

    private static void checkExactly(OpenAiEmbedder spec, int dimensions) {
        if (spec.dimensions() != dimensions) {
            throw refused(spec, "always gives vectors of %d numbers: set it to that".formatted(dimensions));
        }
    }

    private static void checkAtMost(OpenAiEmbedder spec, int dimensions) {
        if (spec.dimensions() > dimensions) {
            throw refused(spec, "gives vectors of at most %d numbers: set it to that or less".formatted(dimensions));
        }
    }

    private static SpecificationException refused(OpenAiEmbedder spec, String why) {
        return new SpecificationException(
                "spec.embedder.openai.dimensions is %d, and %s, which spec.embedder.openai.model names, %s"
                        .formatted(spec.dimensions(), spec.model(), why));
    }
}
