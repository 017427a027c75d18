package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;
import org.jspecify.annotations.Nullable;

/** The manifest, or what it points at, cannot work as it is; trying again would end the same way. */
public final class SpecificationException extends RunnerException {
    public SpecificationException(String message) {
        super(message);
    }

    public SpecificationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.BAD_SPECIFICATION;
    }
}
