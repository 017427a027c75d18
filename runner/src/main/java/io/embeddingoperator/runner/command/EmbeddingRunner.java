package io.embeddingoperator.runner.command;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.logging.LogFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code embedding-runner}. */
@Command(
        name = "embedding-runner",
        description = "Embeds what an EmbeddingJob manifest describes, without a cluster or as a pod of one.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {RunCommand.class, PlanCommand.class, SearchCommand.class, CancelCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        exitCodeOnInvalidInput = EmbeddingRunner.BAD_USAGE,
        scope = CommandLine.ScopeType.INHERIT,
        footer = {
            "",
            "Connections come from the environment, as libpq or JDBC URIs:",
            "  EMBEDDING_SOURCE_URI   the database that holds the documents (source.postgres)",
            "  EMBEDDING_SINK_URI     the database that takes the vectors"
        })
public final class EmbeddingRunner {
    static final int BAD_USAGE = 64;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingRunner.class);

    private EmbeddingRunner() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new EmbeddingRunner()).setExecutionExceptionHandler(EmbeddingRunner::failed);
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
        return switch (failure) {
            case RunnerException known -> {
                LOG.debug("failed", known);
                switch (LogFormat.of(System.getenv()).orElse(LogFormat.TEXT)) {
                    case TEXT -> command.getErr().println("embedding-runner: " + known.getMessage());
                    case JSON -> LOG.error("{}", known.getMessage());
                }
                yield known.exitCode().code();
            }
            case InterruptedException _ -> ExitCode.INTERRUPTED.code();
            default -> {
                LOG.error(
                        "an error that should not have happened; what is committed stays, a later run goes on",
                        failure);
                yield ExitCode.TRY_AGAIN.code();
            }
        };
    }
}
