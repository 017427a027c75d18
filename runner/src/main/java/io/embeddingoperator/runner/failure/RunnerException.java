package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.PrintableText;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What ends a run early. The message is a sentence for the person who must act on it and never holds a secret; what it quotes
 * of others is printable.
 */
public abstract sealed class RunnerException extends RuntimeException
        permits SpecificationException,
                UnavailableException,
                BudgetExhaustedException,
                ShardTakenOverException,
                CheckpointLostException,
                RunLostException,
                StoppedException {
    private static final int LONGEST_MESSAGE = 8_000;

    RunnerException(String message) {
        super(PrintableText.of(message, LONGEST_MESSAGE));
    }

    RunnerException(String message, @Nullable Throwable cause) {
        super(PrintableText.of(message, LONGEST_MESSAGE), cause);
    }

    /** The sentence, which none of them is without. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    public abstract ExitCode exitCode();
}
