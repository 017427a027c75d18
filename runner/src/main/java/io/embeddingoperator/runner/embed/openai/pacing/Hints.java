package io.embeddingoperator.runner.embed.openai.pacing;

import java.util.Map;
import java.util.OptionalLong;

/** The account's limits as the manifest gives them, for servers that do not tell. What a server tells counts more. */
public record Hints(OptionalLong requestsPerMinute, OptionalLong tokensPerMinute) {
    public static final Hints NONE = new Hints(OptionalLong.empty(), OptionalLong.empty());

    public Hints {
        check(requestsPerMinute, "requests");
        check(tokensPerMinute, "tokens");
    }

    Map<Dimension, OptionalLong> byDimension() {
        return Map.of(Dimension.REQUESTS, requestsPerMinute, Dimension.TOKENS, tokensPerMinute);
    }

    private static void check(OptionalLong perMinute, String what) {
        if (perMinute.isPresent() && perMinute.getAsLong() < 1) {
            throw new IllegalArgumentException(
                    "%d %s per minute: use 1 or more".formatted(perMinute.getAsLong(), what));
        }
    }
}
