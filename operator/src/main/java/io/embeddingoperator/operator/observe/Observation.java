package io.embeddingoperator.operator.observe;

import io.embeddingoperator.api.contract.Progress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of a run at one moment. The Kubernetes objects come from a cache that is shared: no code may change them.
 *
 * @param at when it was seen
 * @param job the Job of the current run, or null when there is none
 * @param pods the pods of that Job, ended ones included
 * @param progress what runners answered last, by the name of their pod; some of these pods may have been deleted since
 * @param terminationReport the final progress of a runner whose pod was deleted: of several the most complete, or null
 * @param olderRuns Jobs of earlier runs that still exist; the new run waits for them
 */
public record Observation(
        Instant at,
        @Nullable Job job,
        List<Pod> pods,
        Map<String, Progress> progress,
        @Nullable Progress terminationReport,
        List<Job> olderRuns) {
    public Observation {
        Objects.requireNonNull(at, "at");
        pods = List.copyOf(pods);
        progress = Map.copyOf(progress);
        olderRuns = List.copyOf(olderRuns);
    }

    /** With no Job of an earlier run in the way. */
    public Observation(Instant at, @Nullable Job job, List<Pod> pods, Map<String, Progress> progress) {
        this(at, job, pods, progress, null, List.of());
    }
}
