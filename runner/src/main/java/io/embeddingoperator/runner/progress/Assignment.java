package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.source.WorkUnit;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * What a process has to do.
 *
 * @param job namespace/name
 * @param run the number of the run
 * @param shard the only shard of this process, or empty when it runs all
 * @param unit of all work
 * @param work of the shards of this process
 * @param planned the whole run
 */
public record Assignment(String job, int run, OptionalInt shard, WorkUnit unit, long work, Progress.Planned planned) {
    public Assignment {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(shard, "shard");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(planned, "planned");
    }

    /** Whether the shard is one of this process. */
    public boolean includes(int number) {
        return shard.isEmpty() || shard.getAsInt() == number;
    }
}
