package io.embeddingoperator.runner.failure;

import io.embeddingoperator.api.contract.ExitCode;

/**
 * The sink's database lost windows that it had confirmed: it crashed before they reached its disk, or a standby that had
 * not received them took its place. The next owner of the shard goes on from the checkpoint that was kept.
 */
public final class CheckpointLostException extends RunnerException {
    /**
     * @param confirmed windows of the shard
     * @param kept windows of the shard
     */
    public CheckpointLostException(int shard, long confirmed, long kept) {
        super(
                ("the sink's database crashed or was replaced by a standby, and kept %d windows of shard %d of the %d that"
                                + " it had confirmed: what it lost is done again")
                        .formatted(kept, shard, confirmed));
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TRY_AGAIN;
    }
}
