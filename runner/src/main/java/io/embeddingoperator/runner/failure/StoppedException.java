package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;

/** The process was asked to stop before this was begun. */
public final class StoppedException extends RunnerException {
    public StoppedException() {
        super("the process was asked to stop");
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TERMINATED;
    }
}
