package io.embeddingoperator.runner.run;

import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Run;

/** A run of which the sink has the plan, with what asked for it. */
record RunParts(Manifest manifest, RunnerEnvironment environment, EmbeddingSink sink, Run run) {}
