package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.plan.Estimate;
import io.embeddingoperator.runner.plan.Estimator;
import io.embeddingoperator.runner.source.Source;

/** What a job would take, found out without its sink. */
public final class JobEstimate {
    private JobEstimate() {}

    public static Estimate of(Manifest manifest, RunnerEnvironment environment) throws InterruptedException {
        EmbeddingJobSpec spec = manifest.spec();
        OpenAiBackend.checkBudget(spec);
        try (WaitingLog _ = WaitingLog.begin("no plan yet");
                Embedder embedder = Backend.openForEstimate(spec, environment).embedder();
                Source source = Sources.open(manifest, environment)) {
            return new Estimator(source, Chunker.of(spec.chunking(), embedder.tokenizer()), embedder).estimate();
        }
    }
}
