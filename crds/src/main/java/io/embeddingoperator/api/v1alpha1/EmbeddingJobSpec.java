package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * What should be embedded, by what, and into where.
 *
 * @param source where the documents are: exactly one of postgres, volume, s3; fixed within a run
 * @param chunking how a document becomes chunks; fixed within a run
 * @param embedder what embeds the documents: exactly one of onnx, openai; fixed within a run
 * @param sink where the vectors go; fixed within a run
 * @param sharding how the work is divided
 * @param failurePolicy what a run puts up with
 * @param budget what a run may cost; without it there is no limit
 * @param suspend whether the runner pods are stopped, for example true for the hours in which a database is needed for other
 *     work; a later start goes on from the checkpoint
 * @param runNonce any other value than before, a smaller one too, starts a new run, which skips unchanged documents, for example
 *     2, or a date such as 20261130; the number of the run is counted by the operator and stands in status.run
 * @param podRetentionSeconds for how many seconds the pods of a finished run stay, with their logs, for example 3600; the
 *     EmbeddingJob itself always stays
 * @param refresh when runs start by themselves; without it another runNonce alone starts one
 * @param template what is added to the runner pods; without it they have what runs need; fixed for a run once its pods start, so
 *     that another one needs another runNonce
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.runNonce != oldSelf.runNonce || (self.source == oldSelf.source"
                + " && self.chunking == oldSelf.chunking && self.embedder == oldSelf.embedder"
                + " && self.sink == oldSelf.sink && self.sharding.shards == oldSelf.sharding.shards)",
        message = "source, chunking, embedder, sink and sharding.shards cannot change within a run:"
                + " change runNonce in the same edit to start a new one")
@ValidationRule(
        value = "self.chunking.strategy == 'None' || !has(self.embedder.onnx)"
                + " || !has(self.embedder.onnx.maxTokens)"
                + " || self.chunking.maxTokens <= self.embedder.onnx.maxTokens",
        messageExpression = "'chunking.maxTokens is %d, more than embedder.onnx.maxTokens (%d): the model would cut"
                + " every full chunk; make them equal'.format([self.chunking.maxTokens, self.embedder.onnx.maxTokens])",
        fieldPath = ".chunking.maxTokens")
@ValidationRule(
        value = "self.chunking.strategy == 'None' || !has(self.embedder.openai)"
                + " || self.chunking.maxTokens <= self.embedder.openai.maxTokens",
        messageExpression =
                "'chunking.maxTokens is %d, more than embedder.openai.maxTokens (%d): every full chunk would"
                        + " be cut; make them equal'.format([self.chunking.maxTokens, self.embedder.openai.maxTokens])",
        fieldPath = ".chunking.maxTokens")
@ValidationRule(
        value = "!has(self.embedder.openai) || self.sink.pgvector.index.type == 'None'"
                + " || self.embedder.openai.dimensions"
                + " <= (self.sink.pgvector.vectorType == 'HalfVector' ? 4000 : 2000)",
        messageExpression = "'embedder.openai.dimensions is %d: an HNSW index takes at most 2000 for vectorType Vector"
                + " and 4000 for HalfVector; use fewer, a vectorType that takes them, or index type None'"
                + ".format([self.embedder.openai.dimensions])",
        fieldPath = ".embedder.openai.dimensions")
public record EmbeddingJobSpec(
        @Required SourceSpec source,
        @Default("{}") ChunkingSpec chunking,
        @Required EmbedderSpec embedder,
        @Required SinkSpec sink,
        @Default("{}") ShardingSpec sharding,
        @Default("{}") FailurePolicy failurePolicy,
        @Nullable BudgetSpec budget,
        @Default("false") Boolean suspend,
        @Default("1") @Min(1) Integer runNonce,

        @Default("86400")
        @Min(0)
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.PodRetention.class)
        @JsonAlias(EmbeddingJobSpec.FORMER_POD_RETENTION)
        Integer podRetentionSeconds,

        @Nullable RefreshSpec refresh,
        RunnerTemplate template) {
    /** As the field was called in manifests and objects of the release before. */
    static final String FORMER_POD_RETENTION = "ttlSecondsAfterFinished";

    static final Integer DEFAULT_POD_RETENTION_SECONDS = 86_400;

    public EmbeddingJobSpec {
        Field.required(source, "spec.source", "say where the documents are: postgres, volume or s3");
        chunking = Field.orElse(chunking, ChunkingSpec.DEFAULT);
        Field.required(embedder, "spec.embedder", "say what embeds them: onnx or openai");
        Field.required(sink, "spec.sink", "say where the vectors go: pgvector");
        sharding = Field.orElse(sharding, ShardingSpec.DEFAULT);
        failurePolicy = Field.orElse(failurePolicy, FailurePolicy.DEFAULT);
        suspend = Field.orElse(suspend, false);
        runNonce = Field.between(Field.orElse(runNonce, 1), 1, Integer.MAX_VALUE, "spec.runNonce");
        podRetentionSeconds = Field.between(
                Field.orElse(podRetentionSeconds, DEFAULT_POD_RETENTION_SECONDS),
                0,
                Integer.MAX_VALUE,
                "spec.podRetentionSeconds");
        template = Field.orElse(template, RunnerTemplate.EMPTY);
        checkTokenLimits(chunking, embedder);
        checkIndexLimit(embedder, sink);
        Bounds.check(source, "spec.source");
        Bounds.check(embedder, "spec.embedder");
        Bounds.check(sink, "spec.sink");
        Bounds.check(template, "spec.template");
    }

    private static void checkTokenLimits(ChunkingSpec chunking, EmbedderSpec embedder) {
        if (chunking.strategy() == ChunkingStrategy.Recursive && embedder.openai() != null) {
            Field.check(
                    chunking.maxTokens() <= embedder.openai().maxTokens(),
                    ("spec.chunking.maxTokens is %d, more than embedder.openai.maxTokens (%d): every full chunk would"
                                    + " be cut; make them equal")
                            .formatted(chunking.maxTokens(), embedder.openai().maxTokens()));
        }
        if (chunking.strategy() == ChunkingStrategy.Recursive
                && embedder.onnx() != null
                && embedder.onnx().maxTokens() != null) {
            Field.check(
                    chunking.maxTokens() <= embedder.onnx().maxTokens(),
                    ("spec.chunking.maxTokens is %d, more than embedder.onnx.maxTokens (%d): the model would cut"
                                    + " every full chunk; make them equal")
                            .formatted(chunking.maxTokens(), embedder.onnx().maxTokens()));
        }
    }

    private static void checkIndexLimit(EmbedderSpec embedder, SinkSpec sink) {
        if (embedder.openai() != null && sink.pgvector().index().type() == IndexType.HNSW) {
            int dimensions = embedder.openai().dimensions();
            Field.check(
                    dimensions <= sink.pgvector().vectorType().indexableDimensions(),
                    ("spec.embedder.openai.dimensions is %d: an HNSW index takes at most %d for vectorType Vector"
                                    + " and %d for HalfVector; use fewer, a vectorType that takes them, or index type None")
                            .formatted(
                                    dimensions,
                                    VectorType.Vector.indexableDimensions(),
                                    VectorType.HalfVector.indexableDimensions()));
        }
    }
}
