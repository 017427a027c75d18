package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.embed.onnx.OnnxEmbedders;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import io.embeddingoperator.runner.sink.run.RunMoney;
import java.util.Optional;
import java.util.OptionalInt;

/** A model in this process: it costs time alone. */
record OnnxBackend(LocalEmbedder embedder) implements Backend {
    static OnnxBackend open(
            OnnxEmbedder spec, ChunkingSpec chunking, RunnerEnvironment environment, ModelCommit commit) {
        return new OnnxBackend(model(spec, chunkTokens(chunking), environment, commit));
    }

    /** @param chunkTokens the most tokens of a chunk; empty where the model's own limit is meant */
    static LocalEmbedder model(
            OnnxEmbedder spec, OptionalInt chunkTokens, RunnerEnvironment environment, ModelCommit commit) {
        return OnnxEmbedders.open(
                spec,
                ModelLocator.of(environment.variables())
                        .locate(commit.fix(spec.model().selected())),
                chunkTokens);
    }

    /** The most tokens of a chunk; empty where documents are not divided. */
    static OptionalInt chunkTokens(ChunkingSpec chunking) {
        return switch (chunking.strategy()) {
            case None -> OptionalInt.empty();
            case Recursive -> OptionalInt.of(chunking.maxTokens());
        };
    }

    @Override
    public Durability durability() {
        return Durability.EVERY_SHARD;
    }

    @Override
    public SpendingSession spend(RunParts run, RunnerMetrics metrics) {
        return () -> {};
    }

    @Override
    public RunMoney money(RunParts run) {
        return RunMoney.NONE;
    }

    @Override
    public String costOfRepeating() {
        return "";
    }

    @Override
    public RunBatches batches(RunParts run, ProgressTracker progress, RunnerMetrics metrics) {
        return new NoBatches(run.sink(), run.run());
    }

    @Override
    public Optional<Progress.Waiting> waiting() {
        return Optional.empty();
    }
}
