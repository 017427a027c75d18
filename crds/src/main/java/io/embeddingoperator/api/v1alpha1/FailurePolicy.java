package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;

/**
 * What a run puts up with.
 *
 * @param maxFailedDocuments documents that may fail before the run does, for example 100; the good ones are embedded in any case
 * @param shardRetries how often a shard is tried again, for example 10; fixed for a run once its pods start
 */
public record FailurePolicy(
        @Default("0") @Min(0) Long maxFailedDocuments,
        @Default("6") @Min(0) Integer shardRetries) {
    public static final FailurePolicy DEFAULT = new FailurePolicy(Field.leftOut(), Field.leftOut());

    public FailurePolicy {
        maxFailedDocuments = Field.orElse(maxFailedDocuments, 0L);
        Field.check(
                maxFailedDocuments >= 0,
                "spec.failurePolicy.maxFailedDocuments is %d: use 0 or more".formatted(maxFailedDocuments));
        shardRetries = Field.orElse(shardRetries, 6);
        Field.check(shardRetries >= 0, "spec.failurePolicy.shardRetries is %d: use 0 or more".formatted(shardRetries));
    }
}
