package io.embeddingoperator.runner.command;

import io.embeddingoperator.runner.progress.ProgressSentence;
import io.embeddingoperator.runner.run.JobModel;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Fills the cache ahead of a run, for machines that reach no hub. */
@Command(
        name = "fetch",
        description =
                "Brings the model's files into the cache (EMBEDDING_OPERATOR_CACHE) and tries the model out. A later run of"
                        + " a manifest that names the commit needs no server.")
final class ModelFetchCommand implements Callable<Integer> {
    @Mixin
    private ManifestOption manifest;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        JobModel model = JobModel.of(manifest.read(), RunnerEnvironment.of(System.getenv()));
        PrintWriter out = command.commandLine().getOut();
        for (JobModel.ModelFile file : model.files()) {
            out.println("%s  %s".formatted(file.path(), ProgressSentence.bytes(file.bytes())));
        }
        out.println("the model works: " + model.description());
        return 0;
    }
}
