package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;

/** Going on would cost more than the budget allows. What is committed stays; a larger budget goes on from there. */
public final class BudgetExhaustedException extends RunnerException {
    public BudgetExhaustedException(String message) {
        super(message);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.BUDGET_EXHAUSTED;
    }
}
