package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * What should be embedded, by what, and into where.
 *
 * @param runNonce change it to run again; unchanged documents are skipped
 * @param ttlSecondsAfterFinished of the child Job, never of the EmbeddingJob
 */
@ValidationRule(
        value = "self.runNonce != oldSelf.runNonce || (self.source == oldSelf.source"
                + " && has(self.chunking) == has(oldSelf.chunking)"
                + " && (!has(self.chunking) || self.chunking == oldSelf.chunking)"
                + " && self.embedder == oldSelf.embedder && self.sink == oldSelf.sink"
                + " && has(self.sharding) == has(oldSelf.sharding)"
                + " && (!has(self.sharding) || self.sharding.shards == oldSelf.sharding.shards))",
        message = "source, chunking, embedder, sink and sharding.shards cannot change within a run:"
                + " change runNonce in the same edit to start a new one")
@ValidationRule(
        value =
                "!has(self.embedder.openai) || (has(self.sink.pgvector.index) && self.sink.pgvector.index.type == 'None')"
                        + " || self.embedder.openai.dimensions <= (self.sink.pgvector.vectorType == 'HalfVector' ? 4000 : 2000)",
        message = "an HNSW index takes at most 2000 dimensions for Vector and 4000 for HalfVector:"
                + " use fewer dimensions, vectorType HalfVector or index type None")
public record EmbeddingJobSpec(
        @Required SourceSpec source,
        ChunkingSpec chunking,
        @Required EmbedderSpec embedder,
        @Required SinkSpec sink,
        ShardingSpec sharding,
        FailurePolicy failurePolicy,
        BudgetSpec budget,
        @Default("false") Boolean suspend,
        @Default("1") @Min(1) Integer runNonce,
        @Default("86400") @Min(0) Integer ttlSecondsAfterFinished,
        RunnerTemplate template) {
    public EmbeddingJobSpec {
        Field.required(source, "spec.source", "say where the documents are: postgres, volume or s3");
        chunking = Field.orElse(chunking, ChunkingSpec.DEFAULT);
        Field.required(embedder, "spec.embedder", "say what embeds them: onnx or openai");
        Field.required(sink, "spec.sink", "say where the vectors go: pgvector");
        sharding = Field.orElse(sharding, ShardingSpec.DEFAULT);
        failurePolicy = Field.orElse(failurePolicy, FailurePolicy.DEFAULT);
        suspend = Field.orElse(suspend, false);
        runNonce = Field.between(Field.orElse(runNonce, 1), 1, Integer.MAX_VALUE, "spec.runNonce");
        ttlSecondsAfterFinished = Field.between(
                Field.orElse(ttlSecondsAfterFinished, 86_400), 0, Integer.MAX_VALUE, "spec.ttlSecondsAfterFinished");
        template = Field.orElse(template, RunnerTemplate.EMPTY);
        checkTokenLimits(chunking, embedder);
    }

    private static void checkTokenLimits(ChunkingSpec chunking, EmbedderSpec embedder) {
        if (chunking.strategy() == ChunkingStrategy.Recursive && embedder.onnx() != null) {
            Field.check(
                    chunking.maxTokens() <= embedder.onnx().maxTokens(),
                    ("spec.chunking.maxTokens is %d, more than spec.embedder.onnx.maxTokens (%d): "
                                    + "the model would cut every full chunk")
                            .formatted(chunking.maxTokens(), embedder.onnx().maxTokens()));
        }
    }
}
