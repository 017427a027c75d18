package io.embeddingoperator.runner.run;

import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Run;

/** What a planned run works with, beside its source and its embedder. */
record RunParts(
        Manifest manifest,
        RunnerEnvironment environment,
        EmbeddingSink sink,
        Run run,
        ProgressTracker progress,
        RunnerMetrics metrics) {}
