package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.EmbedderSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.onnx.OnnxEmbedders;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import io.embeddingoperator.runner.embed.openai.OpenAiTextEmbedder;
import io.embeddingoperator.runner.money.Prices;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.PipelineLimits;
import java.util.Optional;
import java.util.OptionalInt;

/** Opens the embedder that a manifest selects. */
final class Embedders {
    private Embedders() {}

    /** @param commit of a model whose manifest leaves it open */
    static Embedder open(EmbeddingJobSpec spec, RunnerEnvironment environment, ModelCommit commit) {
        try (Activity _ = Activities.ofThisProcess().begin("Opening the model")) {
            return switch (spec.embedder().selected()) {
                case OnnxEmbedder onnx ->
                    OnnxEmbedders.open(
                            onnx,
                            ModelLocator.of(environment.variables())
                                    .locate(commit.fix(onnx.model().selected())),
                            chunkTokens(spec.chunking()));
                case OpenAiEmbedder openAi -> OpenAiTextEmbedder.open(openAi, environment.variables());
            };
        }
    }

    /** An embedder to count with: it needs no key, since it asks nobody who would bill. */
    static Embedder openForEstimate(EmbeddingJobSpec spec, RunnerEnvironment environment) {
        return switch (spec.embedder().selected()) {
            case OpenAiEmbedder openAi
            when openAi.server().mayBill() || Prices.of(openAi).isPresent() ->
                OpenAiTextEmbedder.openForCounting(openAi);
            case OnnxEmbedder _, OpenAiEmbedder _ ->
                open(spec, environment, ModelCommit.of(spec.embedder(), environment, Optional::empty));
        };
    }

    /** The most tokens of a chunk; empty where documents are not divided. */
    static OptionalInt chunkTokens(ChunkingSpec chunking) {
        return switch (chunking.strategy()) {
            case None -> OptionalInt.empty();
            case Recursive -> OptionalInt.of(chunking.maxTokens());
        };
    }

    static PipelineLimits limits(Embedder embedder) {
        int cores = Runtime.getRuntime().availableProcessors();
        return switch (embedder.batchLimits().packing()) {
            case PADDED -> PipelineLimits.forCores(cores, embedder.concurrency());
            case SUMMED -> PipelineLimits.forRequests(cores, embedder.concurrency());
        };
    }

    /** What embedding a text a second time costs decides how safe a window must be before the next one follows. */
    static Durability durability(EmbedderSpec spec) {
        return switch (spec.selected()) {
            case OnnxEmbedder _ -> Durability.EVERY_SHARD;
            case OpenAiEmbedder _ -> Durability.EVERY_WINDOW;
        };
    }
}
