package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;

/**
 * What a pod of an endpoint takes upon itself.
 *
 * @param maxQueueMillis for how many milliseconds a request may wait for its first text, for example 200; one that would wait
 *     longer is refused at once with 429
 * @param maxRequestTexts the most texts of one request, for example 2048, which OpenAI's clients keep to
 */
public record EndpointLimits(
        @Default("" + EndpointLimits.DEFAULT_QUEUE_MILLIS) @Min(1) @Max(60_000)
        Integer maxQueueMillis,

        @Default("" + EndpointLimits.DEFAULT_REQUEST_TEXTS) @Min(1) @Max(100_000)
        Integer maxRequestTexts) {
    public static final int DEFAULT_QUEUE_MILLIS = 200;

    /** OpenAI's own number. */
    public static final int DEFAULT_REQUEST_TEXTS = 2_048;

    public static final EndpointLimits DEFAULT = new EndpointLimits(Field.leftOut(), Field.leftOut());

    public EndpointLimits {
        maxQueueMillis = Field.between(
                Field.orElse(maxQueueMillis, DEFAULT_QUEUE_MILLIS), 1, 60_000, "spec.limits.maxQueueMillis");
        maxRequestTexts = Field.between(
                Field.orElse(maxRequestTexts, DEFAULT_REQUEST_TEXTS), 1, 100_000, "spec.limits.maxRequestTexts");
    }
}
