package io.embeddingoperator.operator.decide;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.desired.RefreshSchedule;
import java.time.Instant;
import java.util.Optional;

/**
 * When the next run of an EmbeddingJob starts by itself: never beside another one, and once for all times that were missed. Pure: the
 * same arguments give the same answer.
 */
public final class RefreshDecision {
    private RefreshDecision() {}

    /**
     * The first time of the schedule since a run last started by it, or since the first run; it may be over. Empty while nothing
     * starts by itself: without a schedule, before the first run, or while the job is suspended.
     *
     * @throws io.embeddingoperator.operator.desired.SpecificationProblem when the schedule cannot be read
     */
    public static Optional<Instant> next(EmbeddingJob manifest) {
        return next(manifest, Optional.ofNullable(manifest.getStatus()).map(EmbeddingJobStatus::startTime));
    }

    /** The same where the status does not tell yet when the run began. */
    public static Optional<Instant> next(EmbeddingJob manifest, Optional<String> started) {
        if (manifest.getSpec().refresh() == null || manifest.getSpec().suspend()) {
            return Optional.empty();
        }
        RefreshSchedule schedule = RefreshSchedule.of(manifest.getSpec().refresh());
        return Optional.ofNullable(manifest.getStatus())
                .map(EmbeddingJobStatus::refresh)
                .map(EmbeddingJobStatus.RefreshStatus::lastScheduleTime)
                .or(() -> started)
                .map(since -> schedule.after(Instant.parse(since)));
    }

    /** Whether the next run starts now: the time has come, and the run before has ended. */
    public static boolean isDue(EmbeddingJob manifest, Instant now) {
        return next(manifest).filter(time -> !now.isBefore(time)).isPresent() && Decision.isRecordedAsEnded(manifest);
    }
}
