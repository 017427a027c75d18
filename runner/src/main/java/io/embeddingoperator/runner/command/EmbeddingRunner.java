package io.embeddingoperator.runner.command;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.logging.JavaLogging;
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
        subcommands = {
            RunCommand.class,
            PlanCommand.class,
            SearchCommand.class,
            ServeCommand.class,
            ModelCommand.class,
            CancelCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeOnInvalidInput = EmbeddingRunner.BAD_USAGE,
        scope = CommandLine.ScopeType.INHERIT,
        footer = {
            "",
            "Secrets come from the environment, connections as libpq or JDBC URIs:",
            "  EMBEDDING_SOURCE_URI           the database that holds the documents",
            "  EMBEDDING_SINK_URI             the database that takes the vectors",
            "  EMBEDDING_OPENAI_API_KEY       the key for embedder.openai",
            "  HF_TOKEN                       an access token, for gated models of the Hugging Face hub",
            "",
            "How it runs:",
            "  EMBEDDING_SOURCE_FOLDER        where a relative path of files begins",
            "  EMBEDDING_OPERATOR_CACHE       where downloaded models are kept",
            "  HF_ENDPOINT                    a mirror of the Hugging Face hub",
            "  MODEL_REDIRECT_HOSTS           further hosts that such a download may be led to",
            "  EMBEDDING_HTTP_PORT            opens /progress, /metrics and /healthz",
            "  EMBEDDING_HTTP_ADDRESS         opens them on this address alone",
            "  EMBEDDING_LOG_LEVEL            TRACE, DEBUG, INFO, WARN or ERROR",
            "  EMBEDDING_LOG_FORMAT           text or json",
            "  EMBEDDING_RUNNER_JAVA_OPTIONS  of the JVM, such as -Xmx2g or a proxy",
            "  JOB_COMPLETION_INDEX           the one shard to run"
        })
public final class EmbeddingRunner {
    static final int BAD_USAGE = 64;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingRunner.class);

    private EmbeddingRunner() {}

    public static void main(String[] arguments) {
        JavaLogging.install();
        System.exit(exitCode(arguments));
    }

    /** An error of the JVM is no exception, which is all that the command line hands on: it would end the process with 1. */
    private static int exitCode(String[] arguments) {
        try {
            return commandLine().execute(arguments);
        } catch (StackOverflowError | LinkageError e) {
            return unexpected(e);
        }
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
            default -> unexpected(failure);
        };
    }

    private static int unexpected(Throwable failure) {
        LOG.error("an error that should not have happened; what is committed stays, a later run goes on", failure);
        return ExitCode.TRY_AGAIN.code();
    }
}
