package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;

/** Another process owns the shard now, under a newer epoch; nothing of this process was written since. */
public final class ShardTakenOverException extends RunnerException {
    public ShardTakenOverException(int shard) {
        super("shard %d was taken over by another runner: this one wrote nothing more and stops".formatted(shard));
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TRY_AGAIN;
    }
}
