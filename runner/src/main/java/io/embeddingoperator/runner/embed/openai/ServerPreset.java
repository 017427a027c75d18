package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiLimits;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import java.util.Optional;

/**
 * What a server takes in one request, as far as its kind tells and the manifest's limits do not say otherwise.
 *
 * @param maxTexts of a request
 * @param maxTokens of a request, over all texts
 * @param maxBytes of a request's body
 * @param concurrency requests in flight, of one runner
 * @param dimensions as they are asked for; null where the server or the model does not let one choose
 * @param base64 whether vectors are asked for in base64, a quarter of the size of numbers
 * @param bills whether its replies are money: each must then tell the tokens that were billed
 */
public record ServerPreset(
        int maxTexts, int maxTokens, int maxBytes, int concurrency, Integer dimensions, boolean base64, boolean bills) {
    private static final int MEGABYTE = 1024 * 1024;

    /** Models whose vectors may be shortened. */
    private static final String THIRD_GENERATION = "text-embedding-3";

    /** Of a reply, so that all that are in flight fit into the heap: 2048 vectors of 1536 numbers. */
    private static final int MOST_REPLY_BYTES = 17 * MEGABYTE;

    /** Base64 of a float. */
    private static final double BYTES_A_NUMBER = Float.BYTES * 4 / 3.0;

    /** As decimal digits, in numbers of usual length. */
    private static final double BYTES_A_DECIMAL = 12;

    private static final double REPLIES_PARTS_OF_HEAP = 4;

    public static ServerPreset of(OpenAiEmbedder spec) {
        ServerPreset kind = kind(spec.server(), spec);
        OpenAiLimits limits = spec.limits();
        int fittingReply = Math.max(1, (int) (MOST_REPLY_BYTES / (spec.dimensions() * BYTES_A_NUMBER)));
        return new ServerPreset(
                limits.maxRequestTexts() == null ? Math.min(kind.maxTexts(), fittingReply) : limits.maxRequestTexts(),
                orElse(limits.maxRequestTokens(), kind.maxTokens()),
                orElse(limits.maxRequestBytes(), kind.maxBytes()),
                orElse(limits.maxConcurrentRequests(), kind.concurrency()),
                dimensions(kind, spec),
                kind.base64(),
                kind.bills());
    }

    private static Integer dimensions(ServerPreset kind, OpenAiEmbedder spec) {
        return switch (spec.sendDimensions()) {
            case Auto -> kind.dimensions();
            case Always -> spec.dimensions();
            case Never -> null;
        };
    }

    private static ServerPreset kind(OpenAiServer server, OpenAiEmbedder spec) {
        Integer dimensions = spec.model().contains(THIRD_GENERATION) ? spec.dimensions() : null;
        return switch (server) {
            case OpenAI, AzureOpenAI -> new ServerPreset(2_048, 300_000, 16 * MEGABYTE, 16, dimensions, true, true);
            case LiteLLM -> new ServerPreset(2_048, 300_000, 16 * MEGABYTE, 16, dimensions, true, spec.price() != null);
            case TextEmbeddingsInference -> new ServerPreset(32, 16_384, 2_000_000, 16, null, true, false);
            // Old versions refuse base64.
            case VLLM -> new ServerPreset(256, 65_536, 16 * MEGABYTE, 8, null, false, false);
            case Infinity -> new ServerPreset(256, 65_536, 16 * MEGABYTE, 8, null, true, false);
            case Ollama -> new ServerPreset(64, 32_768, 16 * MEGABYTE, 4, null, true, false);
        };
    }

    /**
     * With no more requests at a time than a quarter of a heap has room for their replies.
     *
     * @param numbers of a vector
     */
    ServerPreset within(long heapBytes, int numbers) {
        double reply = (double) maxTexts * numbers * (base64 ? BYTES_A_NUMBER : BYTES_A_DECIMAL);
        int fitting = (int) Math.clamp(heapBytes / REPLIES_PARTS_OF_HEAP / reply, 1, concurrency);
        return new ServerPreset(maxTexts, maxTokens, maxBytes, fitting, dimensions, base64, bills);
    }

    private static int orElse(Integer value, int fallback) {
        return Optional.ofNullable(value).orElse(fallback);
    }
}
