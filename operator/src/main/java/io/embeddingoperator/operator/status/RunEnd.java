package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.observe.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run whose Job is complete is complete as well. The Job knows that every pod ended well; a standby that took over since
 * may lack what one of them had written. So a run is complete once a runner has read in the sink that it is. Where none has, the
 * Job starts again: pods of complete shards end at once, the others go on from their checkpoints, and the last one reads anew.
 */
sealed interface RunEnd {
    /** The operator may hear the report of the last pod a moment later than that its Job is complete. */
    Duration REPORT_DELAY = Duration.ofSeconds(3);

    /** Before the Job starts again a second time; each further time it waits twice as long. */
    Duration FIRST_PAUSE = Duration.ofSeconds(30);

    Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** A runner has read in the sink that the run is complete. */
    record Confirmed() implements RunEnd {}

    /**
     * The report of the last runner may still arrive.
     *
     * @param gracePeriod until then
     */
    record Awaited(GracePeriod gracePeriod) implements RunEnd {}

    /**
     * The Job starts again.
     *
     * @param reason what is known of the sink
     * @param gracePeriod that is over when it does
     */
    record Unconfirmed(String reason, GracePeriod gracePeriod) implements RunEnd {}

    /** The Job has started again, and its runners are too old to say what they read. */
    record Unconfirmable(String reason) implements RunEnd {}

    /**
     * Empty as long as the Job is not complete.
     *
     * @param before the former status of the same run, or null
     */
    static Optional<RunEnd> of(@Nullable EmbeddingJobStatus before, JobState job, Reports reports, Instant now) {
        if (job.complete().isEmpty()) {
            return Optional.empty();
        }
        if (Conditions.hold(before, ConditionType.Complete)
                || reports.sink().filter(SinkState::complete).isPresent()) {
            return Optional.of(new Confirmed());
        }
        int restarts = restarts(before) - (isAnnounced(before) ? 1 : 0);
        if (isTooOld(reports) && restarts > 0) {
            return Optional.of(new Unconfirmable(tooOld(job)));
        }
        GracePeriod report = new GracePeriod(job.completionTime(), REPORT_DELAY);
        if (!isAnnounced(before) && !report.isOver(now)) {
            return Optional.of(new Awaited(report));
        }
        return Optional.of(
                new Unconfirmed(reason(job, reports), new GracePeriod(job.completionTime(), pause(restarts))));
    }

    static Optional<RunEnd> of(EmbeddingJob manifest, Observation seen) {
        JobState job = JobState.of(manifest, seen.job());
        if (job.complete().isEmpty()) {
            return Optional.empty();
        }
        return of(StatusDecision.ofSameRun(manifest), job, Reports.of(manifest, seen), seen.at());
    }

    /** When a look brings something new though nothing happens; empty when no time that passes makes a difference. */
    static Optional<GracePeriod> gracePeriod(EmbeddingJob manifest, Observation seen) {
        return of(manifest, seen).flatMap(end -> switch (end) {
            case Awaited(GracePeriod gracePeriod) -> Optional.of(gracePeriod);
            case Unconfirmed(String _, GracePeriod gracePeriod) -> Optional.of(gracePeriod);
            case Confirmed _, Unconfirmable _ -> Optional.empty();
        });
    }

    /** How often the Job of a run has started again, or is announced to; null before the first time. */
    static @Nullable Integer restarts(@Nullable EmbeddingJobStatus before, Optional<RunEnd> end) {
        boolean isNew = end.filter(Unconfirmed.class::isInstance).isPresent() && !isAnnounced(before);
        int restarts = restarts(before) + (isNew ? 1 : 0);
        return restarts == 0 ? null : Integer.valueOf(restarts);
    }

    private static int restarts(@Nullable EmbeddingJobStatus before) {
        return Optional.ofNullable(before).map(EmbeddingJobStatus::restarts).orElse(0);
    }

    /** Whether the former status says that the Job starts again. */
    static boolean isAnnounced(@Nullable EmbeddingJobStatus before) {
        return StatusWord.of(before).filter(StatusWord.Restarting::equals).isPresent();
    }

    private static Duration pause(int restarts) {
        if (restarts <= 0) {
            return REPORT_DELAY;
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(restarts - 1, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private static String reason(JobState job, Reports reports) {
        if (isTooOld(reports)) {
            return "every pod ended well, but " + tooOld(job);
        }
        if (reports.sink().isEmpty()) {
            return "every pod ended well, but none that the operator heard had read in the sink that the run is complete;"
                    + " the pods that could tell were deleted";
        }
        SinkState sink = reports.sink().get();
        if (sink.completeShards() < sink.shards()) {
            return ("every pod ended well, but the sink holds %s of %s: its database crashed or a standby took over, and lost"
                            + " what ended shards had written")
                    .formatted(Sentence.number(sink.completeShards()), Sentence.count(sink.shards(), "complete shard"));
        }
        return "every pod ended well, but the sink lacks the end of the run, which is the removal of orphans and the index";
    }

    private static boolean isTooOld(Reports reports) {
        return reports.sink().isEmpty() && reports.endedSilent();
    }

    private static String tooOld(JobState job) {
        return "the runner's image %s is of an earlier version than the operator and does not say what the sink holds"
                .formatted(job.image());
    }
}
