package io.embeddingoperator.runner.command;

import io.embeddingoperator.runner.run.JobCancellation;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Takes back what a job has at a provider. */
@Command(
        name = "cancel",
        description =
                "Cancels the job's batches at the provider and deletes their files. Safe to repeat; a later run embeds"
                        + " what was given back. Ends with 75 when the provider has not let go in time.")
final class CancelCommand implements Callable<Integer> {
    @Mixin
    private ManifestOption manifest;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            defaultValue = "900",
            description = "how long to wait for the provider, which may take 10 minutes (default: ${DEFAULT-VALUE})")
    private long timeout;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws InterruptedException {
        return JobCancellation.of(
                        manifest.read(),
                        RunnerEnvironment.of(System.getenv()),
                        Duration.ofSeconds(timeout),
                        command.commandLine().getOut()::println)
                .code();
    }
}
