package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RecallStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RefreshStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.ShardCounts;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.embeddingoperator.operator.observe.Observation;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the status of an EmbeddingJob is: pure, from the manifest with its former status and from what was seen. How a run ended
 * is final: neither the deletion of its Job nor a cache that lags behind changes it.
 */
public final class StatusDecision {
    private StatusDecision() {}

    /** The status that what was seen amounts to. */
    public static EmbeddingJobStatus status(EmbeddingJob manifest, Observation seen) {
        EmbeddingJobStatus before = ofSameRun(manifest);
        JobState job = JobState.of(manifest, seen.job());
        boolean wasComplete = Conditions.hold(before, ConditionType.Complete);
        boolean hadFailed = Conditions.hold(before, ConditionType.Failed);
        Reports reports = Reports.of(manifest, seen);
        boolean endIsGone = wasComplete
                        && (job.complete().isEmpty()
                                || reports.sink().filter(SinkState::complete).isEmpty())
                || hadFailed && job.failure().isEmpty();
        if (before != null && endIsGone) {
            return renewed(manifest, before, seen.at());
        }
        RunPods pods = RunPods.of(seen);
        Optional<RunEnd> end = RunEnd.of(before, job, reports, seen.at());
        boolean complete = end.filter(RunEnd.Confirmed.class::isInstance).isPresent();
        RunNumbers numbers = RunNumbers.of(reports, before, job, complete);
        Situation situation = new Assessment(manifest, before, seen, job, pods, reports, numbers, end).situation();
        Times times = Times.of(job, before, complete);
        ShardCounts shards = new ShardCounts(
                job.shards(),
                job.isFinished() ? 0 : pods.running(),
                succeeded(job, reports, complete),
                job.failed().count());
        return status(
                manifest,
                run(manifest),
                situation,
                seen.at(),
                numbers,
                shards,
                times,
                Pace.of(job, reports, seen, before),
                RunEnd.restarts(before, end),
                Refreshes.of(manifest, times.start(), complete));
    }

    /** A shard whose pod ended well is not done where the sink has lost it. */
    private static int succeeded(JobState job, Reports reports, boolean complete) {
        int ended = job.succeeded().count();
        if (complete || job.complete().isEmpty()) {
            return ended;
        }
        return reports.sink()
                .map(sink -> Math.clamp(sink.completeShards(), 0, ended))
                .orElse(ended);
    }

    /** The status of a run that is about to begin: its number stands here before any object bears it. */
    public static EmbeddingJobStatus counted(EmbeddingJob manifest, CountedRun run, Instant at) {
        return counted(manifest, run, at, Refreshes.of(manifest, null, false));
    }

    /** The same where the schedule starts the run. */
    public static EmbeddingJobStatus scheduled(EmbeddingJob manifest, CountedRun run, Instant at) {
        return counted(manifest, run, at, Refreshes.begun(manifest, run.number(), at));
    }

    private static EmbeddingJobStatus counted(
            EmbeddingJob manifest, CountedRun run, Instant at, @Nullable RefreshStatus refresh) {
        return status(
                manifest,
                Optional.of(run),
                new Situation.Progressing(StatusWord.Pending, "run %d is about to begin".formatted(run.number())),
                at,
                RunNumbers.unheard(null, 0),
                null,
                new Times(null, null),
                Pace.NONE,
                null,
                refresh);
    }

    /**
     * The status of a job that can never be as it is written: nothing happens until a person edits it. The manifest may be
     * without a spec, when that is what cannot be read.
     */
    public static EmbeddingJobStatus refused(EmbeddingJob manifest, Instant at, SpecificationProblem problem) {
        StatusWord word = switch (problem.reason()) {
            case InvalidSpecification -> StatusWord.InvalidSpecification;
            case InvalidTemplate -> StatusWord.InvalidTemplate;
        };
        return unobserved(
                manifest, at, new Situation.Refused(word, Sentence.quote(problem.sentence(), Sentence.MAX_LENGTH)));
    }

    /**
     * The status of a job that cannot go on just now and is tried again.
     *
     * @param sentence what is in the way and what to do
     */
    public static EmbeddingJobStatus blocked(EmbeddingJob manifest, Instant at, String sentence) {
        return unobserved(
                manifest,
                at,
                new Situation.Progressing(StatusWord.Blocked, Sentence.quote(sentence, Sentence.MAX_LENGTH)));
    }

    /** With the numbers as they were, since the operator did not look at the run. */
    private static EmbeddingJobStatus unobserved(EmbeddingJob manifest, Instant at, Situation situation) {
        EmbeddingJobStatus before = ofSameRun(manifest);
        if (before != null
                && (Conditions.hold(before, ConditionType.Complete) || Conditions.hold(before, ConditionType.Failed))) {
            return situation instanceof Situation.Refused refused && wantsMoreRuns(manifest)
                    ? ended(
                            manifest,
                            before,
                            Conditions.refusedAfter(conditions(before), refused, generation(manifest), at))
                    : renewed(manifest, before, at);
        }
        Optional<EmbeddingJobStatus> former = Optional.ofNullable(before);
        Optional<ShardCounts> shards = former.map(EmbeddingJobStatus::shards);
        return status(
                manifest,
                run(manifest),
                situation,
                at,
                RunNumbers.unheard(before, shards.map(ShardCounts::total).orElse(0)),
                shards.orElse(null),
                new Times(former.map(EmbeddingJobStatus::startTime).orElse(null), null),
                Pace.NONE,
                former.map(EmbeddingJobStatus::restarts).orElse(null),
                Refreshes.of(manifest, former.map(EmbeddingJobStatus::startTime).orElse(null), false));
    }

    private static EmbeddingJobStatus status(
            EmbeddingJob manifest,
            Optional<CountedRun> run,
            Situation situation,
            Instant at,
            RunNumbers numbers,
            @Nullable ShardCounts shards,
            Times times,
            Pace pace,
            @Nullable Integer restarts,
            @Nullable RefreshStatus refresh) {
        Long generation = generation(manifest);
        return new EmbeddingJobStatus(
                generation,
                Conditions.of(besideItsTable(situation, run, refresh), generation, at, manifest.getStatus()),
                run.map(CountedRun::number).orElse(null),
                run.map(CountedRun::nonce).orElse(null),
                times.start(),
                times.completion(),
                pace.estimatedCompletion(),
                numbers.documents(),
                numbers.chunks(),
                numbers.truncatedChunks(),
                numbers.unknownChunks(),
                numbers.tokens(),
                pace.tokensPerSecond(),
                numbers.costUsd(),
                numbers.estimatedCostUsd(),
                shards,
                numbers.batches(),
                numbers.failedDocuments().isEmpty() ? null : numbers.failedDocuments(),
                restarts,
                refresh,
                ofTheTable(numbers.recall(), manifest));
    }

    /** What was measured last is true of the table until a run has measured anew. */
    private static @Nullable RecallStatus ofTheTable(@Nullable RecallStatus measured, EmbeddingJob manifest) {
        return measured == null && manifest.getStatus() != null
                ? manifest.getStatus().recall()
                : measured;
    }

    /** A table that is kept current is ready while a run goes its way; where one is in trouble, a person should look. */
    private static Situation besideItsTable(
            Situation situation, Optional<CountedRun> run, @Nullable RefreshStatus refresh) {
        if (!Refreshes.isKeptCurrent(refresh, run)) {
            return situation;
        }
        return switch (situation) {
            case Situation.Progressing(StatusWord word, String sentence)
            when !word.isTrouble() -> new Situation.Refreshing(word, sentence);
            case Situation.Queued(String sentence) -> new Situation.Refreshing(StatusWord.Queued, sentence);
            default -> situation;
        };
    }

    private static boolean wantsMoreRuns(EmbeddingJob manifest) {
        return manifest.getSpec() != null && manifest.getSpec().refresh() != null;
    }

    private static Long generation(EmbeddingJob manifest) {
        return manifest.getMetadata().getGeneration();
    }

    private static List<Condition> conditions(EmbeddingJobStatus status) {
        return Objects.requireNonNull(status.conditions(), "conditions");
    }

    /** A run that has ended stays so, also when its Job is gone; what was refused after its end may have been corrected. */
    private static EmbeddingJobStatus renewed(EmbeddingJob manifest, EmbeddingJobStatus before, Instant at) {
        List<Condition> conditions = conditions(before);
        boolean wasRefused = StatusWord.of(before).filter(StatusWord::isRefusal).isPresent();
        return ended(
                manifest,
                before,
                wasRefused
                        ? Conditions.of(Conditions.end(conditions).orElseThrow(), generation(manifest), at, before)
                        : Conditions.renewed(conditions, generation(manifest)));
    }

    private static EmbeddingJobStatus ended(
            EmbeddingJob manifest, EmbeddingJobStatus ended, List<Condition> conditions) {
        return new EmbeddingJobStatus(
                generation(manifest),
                conditions,
                ended.run(),
                CountedRun.recorded(manifest).map(CountedRun::nonce).orElse(null),
                ended.startTime(),
                ended.completionTime(),
                ended.estimatedCompletionTime(),
                ended.documents(),
                ended.chunks(),
                ended.truncatedChunks(),
                ended.unknownChunks(),
                ended.tokens(),
                ended.tokensPerSecond(),
                ended.costUsd(),
                ended.estimatedCostUsd(),
                ended.shards(),
                ended.batches(),
                ended.failedDocuments(),
                ended.restarts(),
                Refreshes.of(manifest, ended.startTime(), Conditions.hold(ended, ConditionType.Complete)),
                ended.recall());
    }

    /** The former status, or null when it speaks of another run. */
    static @Nullable EmbeddingJobStatus ofSameRun(EmbeddingJob manifest) {
        EmbeddingJobStatus before = manifest.getStatus();
        return run(manifest).equals(CountedRun.recorded(manifest)) ? before : null;
    }

    /** A manifest that cannot be read wants no other run than the one there was. */
    private static Optional<CountedRun> run(EmbeddingJob manifest) {
        if (manifest.getSpec() == null) {
            return CountedRun.recorded(manifest);
        }
        return Optional.of(CountedRun.of(manifest));
    }

    /** A Job forgets its start when it is suspended and has a new one when it was made again: the first is the run's. */
    private record Times(@Nullable String start, @Nullable String completion) {
        static Times of(JobState job, @Nullable EmbeddingJobStatus before, boolean complete) {
            boolean hasEnded = complete || job.failure().isPresent();
            return new Times(
                    Optional.ofNullable(before)
                            .map(EmbeddingJobStatus::startTime)
                            .orElseGet(job::startTime),
                    hasEnded ? job.completionTime() : null);
        }
    }

    /** How fast a run is just now; unknown where no runner answered. */
    private record Pace(
            @Nullable Long tokensPerSecond, @Nullable String estimatedCompletion) {
        static final Pace NONE = new Pace(null, null);

        static Pace of(JobState job, Reports reports, Observation seen, @Nullable EmbeddingJobStatus before) {
            if (job.isFinished() || reports.live().isEmpty()) {
                return NONE;
            }
            double tokens = reports.live().stream()
                    .filter(said -> said.phase() == Progress.Phase.Embedding)
                    .mapToDouble(said -> said.pace().tokensPerSecond())
                    .filter(rate -> rate > 0 && rate < 1e12)
                    .sum();
            return new Pace(
                    Count.roughly(tokens),
                    CompletionEstimate.of(
                            reports,
                            job.shards(),
                            seen.at(),
                            Optional.ofNullable(before)
                                    .map(EmbeddingJobStatus::estimatedCompletionTime)
                                    .orElse(null)));
        }
    }
}
