package io.embeddingoperator.runner.embed.openai.server;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiLimits;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server takes in one request, as far as its kind tells and the manifest's limits do not say otherwise.
 *
 * @param maxTexts of a request
 * @param maxTokens of a request, over all texts
 * @param maxBytes of a request's body
 * @param concurrency requests in flight, of one runner
 * @param form in which vectors are asked for
 * @param bills whether each of its replies tells the tokens that were billed, so that one without them is not believed
 */
public record ServerPreset(int maxTexts, int maxTokens, int maxBytes, int concurrency, VectorForm form, boolean bills) {
    private static final int MEGABYTE = 1024 * 1024;

    /** Of a reply, so that all that are in flight fit into the heap: 2048 vectors of 1536 numbers. */
    private static final int MOST_REPLY_BYTES = 17 * MEGABYTE;

    /** Base64 of a float. */
    private static final double BYTES_A_NUMBER = Float.BYTES * 4 / 3.0;

    /** As decimal digits, in numbers of usual length. */
    private static final double BYTES_A_DECIMAL = 12;

    private static final double REPLIES_PARTS_OF_HEAP = 4;

    public static ServerPreset of(OpenAiEmbedder spec) {
        ServerPreset kind = kind(spec);
        OpenAiLimits limits = spec.limits();
        int fittingReply = Math.max(1, (int) (MOST_REPLY_BYTES / (spec.dimensions() * BYTES_A_NUMBER)));
        return new ServerPreset(
                limits.maxRequestTexts() == null ? Math.min(kind.maxTexts(), fittingReply) : limits.maxRequestTexts(),
                orElse(limits.maxRequestTokens(), kind.maxTokens()),
                orElse(limits.maxRequestBytes(), kind.maxBytes()),
                orElse(limits.maxConcurrentRequests(), kind.concurrency()),
                kind.form(),
                kind.bills());
    }

    /** Tokens are counted as OpenAI counts them: for other models, a request has room for some more. */
    private static ServerPreset kind(OpenAiEmbedder spec) {
        return switch (spec.server()) {
            case OpenAI, AzureOpenAI -> new ServerPreset(2_048, 300_000, 16 * MEGABYTE, 16, VectorForm.BASE64, true);
            case LiteLLM ->
                new ServerPreset(2_048, 300_000, 16 * MEGABYTE, 16, VectorForm.BASE64, spec.price() != null);
            case TextEmbeddingsInference -> new ServerPreset(32, 16_384, 2_000_000, 16, VectorForm.BASE64, false);
            // Old versions refuse base64.
            case VLLM -> new ServerPreset(256, 65_536, 16 * MEGABYTE, 8, VectorForm.NUMBERS, false);
            case Infinity -> new ServerPreset(256, 65_536, 16 * MEGABYTE, 8, VectorForm.BASE64, false);
            case Ollama -> new ServerPreset(64, 32_768, 16 * MEGABYTE, 4, VectorForm.BASE64, false);
            case LlamaCpp -> new ServerPreset(64, 32_768, 16 * MEGABYTE, 4, VectorForm.BASE64, false);
            case Gemini -> new ServerPreset(100, 100_000, 16 * MEGABYTE, 8, VectorForm.UNSAID, false);
            case Mistral -> new ServerPreset(256, 12_000, 16 * MEGABYTE, 8, VectorForm.NUMBERS, true);
            case Voyage -> new ServerPreset(1_000, 80_000, 16 * MEGABYTE, 8, VectorForm.BASE64, true);
            case Cohere -> new ServerPreset(96, 80_000, 16 * MEGABYTE, 8, VectorForm.NUMBERS, false);
            case Jina -> new ServerPreset(512, 80_000, 16 * MEGABYTE, 8, VectorForm.UNSAID, true);
            case DashScope -> new ServerPreset(10, 24_000, 16 * MEGABYTE, 8, VectorForm.NUMBERS, true);
            case VertexAI ->
                new ServerPreset(vertexTexts(spec.model()), 16_000, 16 * MEGABYTE, 8, VectorForm.UNSAID, false);
        };
    }

    private static int vertexTexts(String model) {
        return model.contains("gemini-embedding") ? 1 : 250;
    }

    /**
     * With no more requests at a time than a quarter of a heap has room for their replies.
     *
     * @param numbers of a vector
     */
    public ServerPreset within(long heapBytes, int numbers) {
        double reply = (double) maxTexts * numbers * (form == VectorForm.BASE64 ? BYTES_A_NUMBER : BYTES_A_DECIMAL);
        int fitting = (int) Math.clamp(heapBytes / REPLIES_PARTS_OF_HEAP / reply, 1, concurrency);
        return new ServerPreset(maxTexts, maxTokens, maxBytes, fitting, form, bills);
    }

    private static int orElse(@Nullable Integer value, int fallback) {
        return Optional.ofNullable(value).orElse(fallback);
    }
}
