package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * How the work is divided.
 *
 * @param shards ranges of the source that are embedded independently, for example 64; fixed for a run
 * @param parallelism runner pods at the same time, for example 8, and no more than shards; may change while the job runs
 */
@ValidationRule(
        value = "self.parallelism <= self.shards",
        messageExpression =
                "'parallelism is %d: use a number from 1 to shards (%d)'" + ".format([self.parallelism, self.shards])",
        fieldPath = ".parallelism")
public record ShardingSpec(
        @Default("1") @Min(1) @Max(100_000) Integer shards,
        @Default("1") @Min(1) @Max(100_000) Integer parallelism) {
    public static final ShardingSpec DEFAULT = new ShardingSpec(Field.leftOut(), Field.leftOut());

    public ShardingSpec {
        shards = Field.between(Field.orElse(shards, 1), 1, 100_000, "spec.sharding.shards");
        parallelism = Field.orElse(parallelism, 1);
        Field.check(
                parallelism >= 1 && parallelism <= shards,
                "spec.sharding.parallelism is %d: use a number from 1 to shards (%d)".formatted(parallelism, shards));
    }
}
