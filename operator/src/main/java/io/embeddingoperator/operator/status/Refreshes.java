package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RefreshStatus;
import io.embeddingoperator.operator.decide.RefreshDecision;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How current the table of a job is whose runs start by themselves. */
final class Refreshes {
    private Refreshes() {}

    /**
     * As it was, with the time of the next run.
     *
     * @param started when the run of the status began; null where it has not
     * @param complete whether that run is complete
     */
    static @Nullable RefreshStatus of(EmbeddingJob manifest, @Nullable String started, boolean complete) {
        Optional<RefreshStatus> before = before(manifest);
        if (manifest.getSpec() == null || manifest.getSpec().refresh() == null) {
            return manifest.getSpec() == null ? before.orElse(null) : null;
        }
        return new RefreshStatus(
                complete ? started : before.map(RefreshStatus::tableAsOf).orElse(null),
                before.map(RefreshStatus::lastScheduleTime).orElse(null),
                before.map(RefreshStatus::lastScheduledRun).orElse(null),
                next(manifest, Optional.ofNullable(started)));
    }

    /** At the start of a run that the schedule starts. */
    static RefreshStatus begun(EmbeddingJob manifest, int run, Instant at) {
        return new RefreshStatus(
                before(manifest).map(RefreshStatus::tableAsOf).orElse(null),
                at.truncatedTo(ChronoUnit.SECONDS).toString(),
                run,
                null);
    }

    /**
     * Whether the table holds what the source held at some time, and a run of the schedule brings it up to date. One that a person
     * started is waited for, as every edit of a manifest is.
     */
    static boolean isKeptCurrent(@Nullable RefreshStatus refresh, Optional<CountedRun> run) {
        return refresh != null
                && refresh.tableAsOf() != null
                && run.filter(counted -> Integer.valueOf(counted.number()).equals(refresh.lastScheduledRun()))
                        .isPresent();
    }

    private static Optional<RefreshStatus> before(EmbeddingJob manifest) {
        return Optional.ofNullable(manifest.getStatus()).map(EmbeddingJobStatus::refresh);
    }

    private static @Nullable String next(EmbeddingJob manifest, Optional<String> started) {
        try {
            return RefreshDecision.next(manifest, started)
                    .map(Instant::toString)
                    .orElse(null);
        } catch (SpecificationProblem _) {
            return null;
        }
    }
}
