package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is left of an account's limits at one moment.
 *
 * @param projectTokens where projects have limits of their own
 */
public record Quota(Standing requests, Standing tokens, Optional<Standing> projectTokens) {
    /**
     * What is left of one limit.
     *
     * @param limit of the published window
     * @param remaining whole units, never a fraction
     * @param reset until the bucket is full, which is not when the next request fits
     */
    public record Standing(long limit, long remaining, Duration reset) {}

    /** The x-ratelimit headers of a reply, with lower-case names. */
    public Map<String, String> headers(HeaderForm form) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (form != HeaderForm.NONE) {
            put(headers, "requests", requests, form);
            put(headers, "tokens", tokens, form);
            projectTokens.ifPresent(standing -> put(headers, "project-tokens", standing, form));
        }
        return headers;
    }

    private static void put(Map<String, String> headers, String dimension, Standing standing, HeaderForm form) {
        headers.put("x-ratelimit-limit-" + dimension, Long.toString(standing.limit()));
        headers.put("x-ratelimit-remaining-" + dimension, Long.toString(form.remaining(standing.remaining())));
        headers.put("x-ratelimit-reset-" + dimension, form.duration(standing.reset()));
    }
}
