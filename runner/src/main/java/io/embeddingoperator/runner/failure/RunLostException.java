package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;

/**
 * The sink's database does not know the run any more that it had planned: it crashed, or a standby that had not received the
 * plan took its place. The next process plans anew, and skips what is stored.
 */
public final class RunLostException extends RunnerException {
    /** @param run the number of its row in embedding_operator.runs */
    public RunLostException(long run) {
        super(("the sink's database crashed or was replaced by a standby, and does not know run %d in"
                        + " embedding_operator.runs any more: start again, the source is divided anew, and what is"
                        + " stored is not embedded again")
                .formatted(run));
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TRY_AGAIN;
    }
}
