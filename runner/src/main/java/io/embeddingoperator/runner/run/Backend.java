package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import io.embeddingoperator.runner.sink.run.RunMoney;
import java.util.Optional;

/**
 * The embedder that a manifest selects, opened, with all in which a model of this process and one of a provider differ for a run:
 * what is paid, what waits for batches and how safe a window must be before the next one follows.
 */
sealed interface Backend extends AutoCloseable permits OnnxBackend, OpenAiBackend {
    /** @param commit of a model whose manifest leaves it open */
    static Backend open(EmbeddingJobSpec spec, RunnerEnvironment environment, ModelCommit commit) {
        try (Activity _ = Activities.ofThisProcess().begin("Opening the model")) {
            return switch (spec.embedder().selected()) {
                case OnnxEmbedder onnx -> OnnxBackend.open(onnx, spec.chunking(), environment, commit);
                case OpenAiEmbedder openAi -> OpenAiBackend.open(openAi, environment);
            };
        }
    }

    /** One to count with: it needs no key, since it makes no request that could be billed. */
    static Backend openForEstimate(EmbeddingJobSpec spec, RunnerEnvironment environment) {
        return switch (spec.embedder().selected()) {
            case OpenAiEmbedder openAi when OpenAiBackend.mayBill(openAi) -> OpenAiBackend.openForCounting(openAi);
            case OnnxEmbedder _, OpenAiEmbedder _ ->
                open(spec, environment, ModelCommit.of(spec.embedder(), environment, Optional::empty));
        };
    }

    Embedder embedder();

    /** What embedding a text a second time costs decides how safe a window must be before the next one follows. */
    Durability durability();

    /** From now on, what the embedder asks for is paid for and told of. */
    SpendingSession spend(RunParts run, RunnerMetrics metrics);

    /** What the run has cost. */
    RunMoney money(RunParts run);

    /** What embedding a part of the run again costs beside time, as the end of a sentence; empty where it is nothing. */
    String costOfRepeating();

    /** The part that a provider's batches have in the run. */
    RunBatches batches(RunParts run, ProgressTracker progress, RunnerMetrics metrics) throws InterruptedException;

    /** Why nothing comes back just now; empty while it does. */
    Optional<Progress.Waiting> waiting();

    @Override
    default void close() {
        embedder().close();
    }
}
