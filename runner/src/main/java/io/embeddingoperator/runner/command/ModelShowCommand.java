package io.embeddingoperator.runner.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.runner.progress.ProgressSentence;
import io.embeddingoperator.runner.run.JobModel;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what a manifest leaves open, so that it can be written down. */
@Command(
        name = "show",
        description =
                "Prints the model with its commit, files and checksums filled in, as YAML for the manifest; then its files"
                        + " and dimensions. Fetches what is missing.")
final class ModelShowCommand implements Callable<Integer> {
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .build();

    @Mixin
    private ManifestOption manifest;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws JsonProcessingException {
        JobModel model = JobModel.of(manifest.read(), RunnerEnvironment.of(System.getenv()));
        PrintWriter out = command.commandLine().getOut();
        out.print(YAML.writeValueAsString(Map.of("model", model.source())));
        for (JobModel.ModelFile file : model.files()) {
            out.println("# %s  %s  %s".formatted(file.sha256(), ProgressSentence.bytes(file.bytes()), file.path()));
        }
        out.println("# %d dimensions".formatted(model.dimensions()));
        out.println("# " + model.description());
        return 0;
    }
}
