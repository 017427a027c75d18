package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/**
 * What a server takes, where it differs from what is known of its kind. What the server tells in its replies is followed in any
 * case.
 *
 * @param maxRequestTexts texts of one request, for example 64; without it what is known of the kind of server
 * @param maxRequestTokens tokens of one request, over all texts, for example 100000; without it what is known of the kind of
 *     server
 * @param maxRequestBytes bytes of the body of one request, for example 2000000; without it what is known of the kind of server
 * @param maxConcurrentRequests requests in flight, of one runner, for example 8; without it what is known of the kind of server
 * @param requestsPerMinute requests a minute of the whole account, for servers that do not tell, for example 3000; without it as
 *     the server tells
 * @param tokensPerMinute tokens a minute of the whole account, for servers that do not tell, for example 1000000; without it as
 *     the server tells
 * @param enqueuedBatchTokens tokens of all batches that wait or are at work, for example 3000000; without it the runner finds
 *     out
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OpenAiLimits(
        @Min(1) @Max(2048) @Nullable Integer maxRequestTexts,
        @Min(1) @Nullable Integer maxRequestTokens,
        @Min(1024) @Nullable Integer maxRequestBytes,
        @Min(1) @Max(1024) @Nullable Integer maxConcurrentRequests,
        @Min(1) @Nullable Long requestsPerMinute,
        @Min(1) @Nullable Long tokensPerMinute,
        @Min(1) @Nullable Long enqueuedBatchTokens) {
    public static final OpenAiLimits NONE = new OpenAiLimits(null, null, null, null, null, null, null);

    private static final String FIELD = "spec.embedder.openai.limits.";

    public OpenAiLimits {
        check(maxRequestTexts, 1, 2_048, "maxRequestTexts");
        check(maxRequestTokens, 1, Integer.MAX_VALUE, "maxRequestTokens");
        check(maxRequestBytes, 1_024, Integer.MAX_VALUE, "maxRequestBytes");
        check(maxConcurrentRequests, 1, 1_024, "maxConcurrentRequests");
        check(requestsPerMinute, "requestsPerMinute");
        check(tokensPerMinute, "tokensPerMinute");
        check(enqueuedBatchTokens, "enqueuedBatchTokens");
    }

    private static void check(@Nullable Integer value, int least, int most, String name) {
        if (value != null) {
            Field.between(value, least, most, FIELD + name);
        }
    }

    private static void check(@Nullable Long value, String name) {
        Field.check(value == null || value >= 1, "%s%s is %d: use 1 or more".formatted(FIELD, name, value));
    }
}
