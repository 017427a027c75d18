package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;

/** What ends a run early. The message is a sentence for the person who must act on it and never holds a secret. */
public abstract sealed class RunnerException extends RuntimeException
        permits SpecificationException,
                UnavailableException,
                BudgetExhaustedException,
                ShardTakenOverException,
                CheckpointLostException,
                RunLostException,
                StoppedException {
    RunnerException(String message, Throwable cause) {
        super(message, cause);
    }

    public abstract ExitCode exitCode();
}
