package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.source.WorkUnit;
import java.util.Objects;

/**
 * What a process has to do.
 *
 * @param unit of all work
 * @param work of the shards of this process
 * @param planned the whole run
 */
public record Assignment(Progress.Process process, WorkUnit unit, long work, Progress.Planned planned) {
    public Assignment {
        Objects.requireNonNull(process, "process");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(planned, "planned");
    }

    /** Whether the shard is one of this process. */
    public boolean includes(int number) {
        return process.shard() == null || process.shard() == number;
    }
}
