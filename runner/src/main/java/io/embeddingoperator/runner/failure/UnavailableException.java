package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;
import org.jspecify.annotations.Nullable;

/** Something outside is missing for now (a server, disk space, a GPU): a later try goes on from the checkpoint. */
public final class UnavailableException extends RunnerException {
    public UnavailableException(String message) {
        super(message);
    }

    public UnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TRY_AGAIN;
    }
}
