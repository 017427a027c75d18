package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;

/** Something outside is missing for now (a server, disk space, a GPU): a later try goes on from the checkpoint. */
public final class UnavailableException extends RunnerException {
    public UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TRY_AGAIN;
    }
}
