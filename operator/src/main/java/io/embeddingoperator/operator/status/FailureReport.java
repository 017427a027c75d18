package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.operator.status.PodTrouble.RunnerEnded;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Why a run ends badly.
 *
 * @param reason the kind of failure, one word in CamelCase
 * @param cause what went wrong, in the words of the runner where it left a message
 * @param remedy what a person can do about it
 * @param explained whether the pods still exist; otherwise an earlier report is the better one
 */
record FailureReport(String reason, String cause, String remedy, boolean explained) {
    static final String BAD_SPECIFICATION = "BadSpecification";
    static final String TOO_MANY_FAILED_DOCUMENTS = "TooManyFailedDocuments";
    static final String ORPHAN_LIMIT_EXCEEDED = "OrphanLimitExceeded";
    static final String SHARD_FAILED = "ShardFailed";

    private static final String GO_ON = "what is embedded stays: change spec.runNonce to go on with the rest";

    /** Empty as long as the run may still end well. */
    static Optional<FailureReport> of(JobState job, RunPods pods) {
        return badSpecification(pods)
                .or(() -> failedShards(job, pods))
                .or(() -> job.failure().or(job::comingFailure).map(FailureReport::failedJob))
                .or(() -> verdicts(pods).findFirst().map(FailureReport::verdict));
    }

    /** What a runner said of the whole run once all documents were through. */
    private static Stream<RunnerEnded> verdicts(RunPods pods) {
        return Stream.of(ExitCode.TOO_MANY_FAILED_DOCUMENTS, ExitCode.ORPHAN_LIMIT_EXCEEDED)
                .flatMap(code -> pods.ended(code).stream());
    }

    /** The message of one shard is enough: all have the same specification. */
    private static Optional<FailureReport> badSpecification(RunPods pods) {
        return pods.ended(ExitCode.BAD_SPECIFICATION)
                .map(ended -> new FailureReport(
                        BAD_SPECIFICATION,
                        ended.sentence(),
                        "correct it, and change spec.runNonce to run again",
                        true));
    }

    private static Optional<FailureReport> failedShards(JobState job, RunPods pods) {
        if (job.failed().count() == 0) {
            return Optional.empty();
        }
        SortedMap<Integer, PodTrouble> troubles = pods.troubles(job.failed()::contains);
        if (troubles.isEmpty()) {
            List<Integer> shards = job.failed().list();
            return Optional.of(new FailureReport(
                    SHARD_FAILED,
                    Sentence.shards(shards) + " failed, and the pods that could tell why are gone",
                    GO_ON,
                    false));
        }
        Optional<RunnerEnded> verdict = verdicts(pods)
                .filter(ended -> troubles.values().stream().allMatch(ended::equals))
                .findFirst();
        if (verdict.isPresent()) {
            return verdict.map(FailureReport::verdict);
        }
        return Optional.of(new FailureReport(
                SHARD_FAILED,
                TroubleSummary.of(troubles)
                        .failures(shard ->
                                Objects.requireNonNull(pods.newest().get(shard)).attempt()),
                GO_ON,
                true));
    }

    private static FailureReport verdict(RunnerEnded ended) {
        if (ended.code() == ExitCode.ORPHAN_LIMIT_EXCEEDED) {
            return new FailureReport(
                    ORPHAN_LIMIT_EXCEEDED,
                    ended.sentence(),
                    "what is embedded stays: change spec.runNonce to run again",
                    true);
        }
        return new FailureReport(
                TOO_MANY_FAILED_DOCUMENTS,
                ended.sentence(),
                "correct or remove them, or raise the limit, and change spec.runNonce to run again",
                true);
    }

    private static FailureReport failedJob(JobCondition condition) {
        String reason = Optional.ofNullable(condition.getReason())
                .filter(word -> !word.isEmpty())
                .orElse("JobFailed");
        String cause = Optional.ofNullable(condition.getMessage())
                .map(message -> "the Job failed: " + Sentence.quote(message, Sentence.QUOTE))
                .orElse("the Job failed");
        return new FailureReport(reason, cause, GO_ON, false);
    }
}
