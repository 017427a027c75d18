package io.embeddingoperator.runner.command;

import picocli.CommandLine.Command;

/** About the model of a job, without embedding anything. */
@Command(
        name = "model",
        description = "Shows or fetches the model of a job, without a source or sink.",
        subcommands = {ModelShowCommand.class, ModelFetchCommand.class},
        synopsisSubcommandLabel = "COMMAND")
final class ModelCommand {}
