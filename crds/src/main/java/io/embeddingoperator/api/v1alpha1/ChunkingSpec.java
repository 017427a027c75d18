package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * How a document becomes chunks.
 *
 * @param strategy where a document may be split
 * @param maxTokens the most tokens of a chunk as the model sees it, for example 512: its special tokens and the prefix count
 * @param overlapTokens the most tokens that a chunk repeats from the one before it, for example 32; less than maxTokens
 */
@ValidationRule(
        value = "self.overlapTokens < self.maxTokens",
        messageExpression = "'overlapTokens is %d: use a number from 0 to less than maxTokens (%d)'"
                + ".format([self.overlapTokens, self.maxTokens])",
        fieldPath = ".overlapTokens")
public record ChunkingSpec(
        @Default("Recursive") ChunkingStrategy strategy,
        @Default("256") @Min(8) Integer maxTokens,
        @Default("0") @Min(0) Integer overlapTokens) {
    public static final ChunkingSpec DEFAULT = new ChunkingSpec(Field.leftOut(), Field.leftOut(), Field.leftOut());

    public ChunkingSpec {
        strategy = Field.orElse(strategy, ChunkingStrategy.Recursive);
        maxTokens = Field.between(Field.orElse(maxTokens, 256), 8, Integer.MAX_VALUE, "spec.chunking.maxTokens");
        overlapTokens = Field.orElse(overlapTokens, 0);
        Field.check(
                overlapTokens >= 0 && overlapTokens < maxTokens,
                "spec.chunking.overlapTokens is %d: use a number from 0 to less than maxTokens (%d)"
                        .formatted(overlapTokens, maxTokens));
    }
}
