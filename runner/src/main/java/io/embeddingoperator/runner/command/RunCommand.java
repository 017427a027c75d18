package io.embeddingoperator.runner.command;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.logging.LogFormat;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.run.EmbeddingRun;
import io.embeddingoperator.runner.run.RunOutcome;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import io.embeddingoperator.runner.run.TerminationReport;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Embeds: all shards here, or the one that JOB_COMPLETION_INDEX names. */
@Command(
        name = "run",
        description = "Embeds what is new or changed, and says what it did. Safe to stop and to repeat at any time.")
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @Mixin
    private ManifestOption file;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws InterruptedException {
        RunnerEnvironment environment = RunnerEnvironment.of(System.getenv());
        Manifest manifest = read(environment);
        RunOutcome outcome = run(manifest, environment);
        new RunSummary(manifest, outcome).lines().forEach(line -> tell(line, environment.logFormat()));
        return outcome.exitCode().code();
    }

    private void tell(String line, LogFormat format) {
        switch (format) {
            case TEXT -> command.commandLine().getOut().println(line);
            case JSON -> LOG.info("{}", line);
        }
    }

    private Manifest read(RunnerEnvironment environment) {
        try {
            return file.read();
        } catch (SpecificationException e) {
            new TerminationReport(environment.terminationMessage())
                    .write(Progress.unplanned(new Progress.Process("unknown", 0, null), e.getMessage()));
            throw e;
        }
    }

    private static RunOutcome run(Manifest manifest, RunnerEnvironment environment) throws InterruptedException {
        try (RunDisplay display = new RunDisplay()) {
            return new EmbeddingRun(manifest, environment, display).execute();
        }
    }
}
