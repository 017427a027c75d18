package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.logging.JsonLines;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run of this process, from the manifest to the index: all shards, or the one that the environment names. */
public final class EmbeddingRun {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingRun.class);

    private final Manifest manifest;
    private final RunnerEnvironment environment;
    private final RunListener listener;
    private boolean planned;

    public EmbeddingRun(Manifest manifest, RunnerEnvironment environment, RunListener listener) {
        this.manifest = manifest;
        this.environment = environment;
        this.listener = listener;
    }

    /**
     * Runs to the end, or until the process is asked to stop.
     *
     * @throws io.embeddingoperator.runner.failure.RunnerException with the sentence and the exit code of what went wrong
     */
    public RunOutcome execute() throws InterruptedException {
        try {
            return run();
        } catch (RunnerException e) {
            if (!planned) {
                new TerminationReport(environment.terminationMessage()).write(unplanned(e));
            }
            throw e;
        }
    }

    private RunOutcome run() throws InterruptedException {
        EmbeddingJobSpec spec = manifest.spec();
        JsonLines.name(manifest.job(), environment.run(manifest), environment.shard());
        OpenAiBackend.checkBudget(spec);
        try (Announcement announcement = Announcement.begin(manifest, environment);
                EmbeddingSink sink = EmbeddingSink.open(
                        spec.sink().pgvector(), environment.connection(EnvironmentVariable.SINK_URI, manifest))) {
            return run(spec, announcement, sink, modelCommit(spec, sink));
        }
    }

    private RunOutcome run(EmbeddingJobSpec spec, Announcement announcement, EmbeddingSink sink, ModelCommit commit)
            throws InterruptedException {
        try (Backend backend = Backend.open(spec, environment, commit);
                Source source = Sources.open(manifest, environment)) {
            Embedder embedder = backend.embedder();
            LOG.info("{}", embedder.description());
            Recipe recipe = SearchedSpace.recipe(spec, embedder);
            RunRequest request = request(spec, recipe, commit);
            sink.checkFiles(request);
            sink.prepare(manifest.job(), source.schema(), embedder.dimensions(), embedder.metric(), recipe);
            Run run = sink.openRun(request, known -> source.plan(spec.sharding().shards(), known));
            PlannedRun plannedRun =
                    new PlannedRun(new RunParts(manifest, environment, sink, run), source, backend, announcement);
            planned = true;
            return plannedRun.execute(listener);
        }
    }

    private ModelCommit modelCommit(EmbeddingJobSpec spec, EmbeddingSink sink) {
        return ModelCommit.of(
                spec.embedder(),
                environment,
                () -> sink.modelCommit(
                        manifest.identity(),
                        environment.run(manifest),
                        identity(spec),
                        environment.shard().isPresent()));
    }

    private String identity(EmbeddingJobSpec spec) {
        return IdentityFingerprint.of(spec, environment.run(manifest));
    }

    private Progress unplanned(RunnerException failure) {
        return Progress.unplanned(environment.process(manifest), failure.getMessage());
    }

    private RunRequest request(EmbeddingJobSpec spec, Recipe recipe, ModelCommit commit) {
        return new RunRequest(
                manifest.identity(),
                environment.run(manifest),
                identity(spec),
                recipe.text(),
                environment.shard().isPresent(),
                commit.commit(),
                ReadingFingerprint.of(spec, recipe),
                environment.shard());
    }
}
