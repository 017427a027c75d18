package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Batches;
import io.embeddingoperator.api.contract.Progress.Whole;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.BatchCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.FailedDocumentStatus;
import io.embeddingoperator.api.v1alpha1.Limit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * The numbers of a run: the most that a runner said of the whole of it, and never less than its shards said of themselves or
 * than the former status of the same run says. Runners know the whole run from the sink, so that no number goes with a pod;
 * one of an earlier version knows its shard alone, and the number then stands still until the others, or the shard's next
 * runner, have made up for a pod that is gone. So a number may lag behind, and never goes back or runs ahead.
 */
record RunNumbers(
        DocumentCounts documents,
        long chunks,
        long tokens,
        String costUsd,
        String estimatedCostUsd,
        BatchCounts batches,
        List<FailedDocumentStatus> failedDocuments) {
    /**
     * @param before the former status of the same run, or null
     * @param complete whether the run is complete
     */
    static RunNumbers of(Reports reports, EmbeddingJobStatus before, JobState job, boolean complete) {
        Optional<Whole> read = job.complete().isPresent()
                ? Optional.ofNullable(reports.last()).map(Progress::whole)
                : Optional.empty();
        return read.isPresent()
                ? read(read.get(), reports, before, job.shards(), complete)
                : heard(reports, before, job.shards(), complete);
    }

    /** The numbers as they were, where the operator did not look. */
    static RunNumbers unheard(EmbeddingJobStatus before, int shards) {
        return heard(Reports.NONE, before, shards, false);
    }

    /** Every pod has ended: what was read in the sink last is true, also where it is less than what was there before. */
    private static RunNumbers read(
            Whole read, Reports reports, EmbeddingJobStatus before, int shards, boolean complete) {
        long finished = read.finished();
        Long planned = total(reports, shards, floor(before).total());
        Long total = planned == null ? null : Long.valueOf(Math.max(planned, finished));
        double percent = total == null ? percentOfWork(reports, shards) : total == 0 ? 0 : 100.0 * finished / total;
        return new RunNumbers(
                new DocumentCounts(
                        total, read.embedded(), read.skipped(), read.failed(), complete ? 100 : percent(percent, null)),
                read.chunks(),
                read.tokens(),
                costUsd(reports, before),
                estimatedCostUsd(reports, before),
                batches(reports, before),
                failedDocuments(reports, before));
    }

    private static DocumentCounts floor(EmbeddingJobStatus before) {
        return before == null || before.documents() == null
                ? new DocumentCounts(null, null, null, null, null)
                : before.documents();
    }

    private static RunNumbers heard(Reports reports, EmbeddingJobStatus before, int shards, boolean complete) {
        DocumentCounts floor = floor(before);
        long embedded = most(reports, Whole::embedded, said -> said.documents().embedded(), floor.embedded());
        long skipped = most(reports, Whole::skipped, said -> said.documents().skipped(), floor.skipped());
        long failed = most(reports, Whole::failed, said -> said.documents().failed(), floor.failed());
        long finished = Count.sum(embedded, skipped, failed);
        Long planned = total(reports, shards, floor.total());
        Long total = planned == null ? null : Long.valueOf(Math.max(planned, finished));
        double percent = total == null ? percentOfWork(reports, shards) : total == 0 ? 0 : 100.0 * finished / total;
        return new RunNumbers(
                new DocumentCounts(
                        total,
                        embedded,
                        skipped,
                        failed,
                        complete ? 100 : percent(percent, floor.percent()),
                        removed(reports, floor.removed())),
                most(reports, Whole::chunks, Progress::chunks, before == null ? null : before.chunks()),
                most(reports, Whole::tokens, Progress::tokens, before == null ? null : before.tokens()),
                costUsd(reports, before),
                estimatedCostUsd(reports, before),
                batches(reports, before),
                failedDocuments(reports, before));
    }

    /** Work of the whole run that was planned, in the source's unit; null while that is not known. */
    static Long plannedWork(Reports reports, int shards) {
        return reports.furthest().values().stream()
                .map(Progress::planned)
                .filter(Objects::nonNull)
                .map(Progress.Planned::work)
                .max(Long::compare)
                .orElseGet(() -> reports.allPlanned(shards)
                        ? Long.valueOf(sum(reports, said -> said.work().total()))
                        : null);
    }

    /** Work of the whole run that is done, in the source's unit. */
    static long workDone(Reports reports) {
        return most(reports, Whole::work, said -> said.work().done(), null);
    }

    private static long most(
            Reports reports, ToLongFunction<Whole> ofTheRun, ToLongFunction<Progress> ofAShard, Long floor) {
        long told = reports.whole() == null ? 0 : ofTheRun.applyAsLong(reports.whole());
        return Math.max(Math.max(told, sum(reports, ofAShard)), floor == null ? 0 : floor);
    }

    private static long sum(Reports reports, ToLongFunction<Progress> count) {
        return reports.furthest().values().stream().mapToLong(count).reduce(0, Count::plus);
    }

    /** Null as long as nothing was removed. */
    private static Long removed(Reports reports, Long floor) {
        boolean told = reports.whole() != null
                && reports.whole().removed() != null
                && reports.whole().removed() > 0;
        return Count.larger(told ? reports.whole().removed() : null, floor);
    }

    /** US dollars as a plain decimal; null while nobody knows. */
    static String costUsd(Reports reports, EmbeddingJobStatus before) {
        return WholeRun.dearer(
                reports.whole() == null ? null : reports.whole().costUsd(), before == null ? null : before.costUsd());
    }

    /** The same of what no bill tells. */
    private static String estimatedCostUsd(Reports reports, EmbeddingJobStatus before) {
        return WholeRun.dearer(
                reports.whole() == null ? null : reports.whole().estimatedCostUsd(),
                before == null ? null : before.estimatedCostUsd());
    }

    private static BatchCounts batches(Reports reports, EmbeddingJobStatus before) {
        BatchCounts former = before == null ? null : before.batches();
        Batches told = reports.whole() == null ? null : reports.whole().batches();
        if (told == null || former != null && former.submitted() != null && former.submitted() > told.submitted()) {
            return former;
        }
        return new BatchCounts(told.submitted(), told.inProgress(), told.completed(), told.failed());
    }

    private static Long total(Reports reports, int shards, Long before) {
        Long planned = reports.furthest().values().stream()
                .map(Progress::planned)
                .filter(Objects::nonNull)
                .map(Progress.Planned::documents)
                .filter(Objects::nonNull)
                .max(Long::compare)
                .orElseGet(() -> summedTotal(reports, shards));
        return Count.larger(planned, before);
    }

    /** Null as long as one shard does not know, or was not heard, and nobody knows that all are through. */
    private static Long summedTotal(Reports reports, int shards) {
        boolean known = reports.allPlanned(shards)
                && reports.furthest().values().stream()
                        .allMatch(said -> said.documents().total() != null);
        if (known) {
            return sum(reports, said -> said.documents().total());
        }
        return reports.whole() != null && reports.allComplete(shards)
                ? Long.valueOf(Math.max(0, reports.whole().finished()))
                : null;
    }

    /** At most 99: whatever is still to do after the last document is no less part of the run. */
    private static int percent(double percent, Integer floor) {
        return Math.clamp(Math.max((int) percent, floor == null ? 0 : floor), 0, 99);
    }

    /**
     * Where nobody knows how many documents there are: how much of the source is read, less what batches are still to bring
     * vectors for, which is known by their number alone.
     */
    private static double percentOfWork(Reports reports, int shards) {
        Long planned = plannedWork(reports, shards);
        double read = planned == null || planned <= 0 ? 0 : 100.0 * workDone(reports) / planned;
        Batches batches = reports.whole() == null ? null : reports.whole().batches();
        return batches == null || batches.submitted() <= 0
                ? read
                : read * (batches.submitted() - batches.inProgress()) / batches.submitted();
    }

    /** What was shown stays, so that the list does not dance. */
    private static List<FailedDocumentStatus> failedDocuments(Reports reports, EmbeddingJobStatus before) {
        Map<String, FailedDocumentStatus> byKey = new LinkedHashMap<>();
        if (before != null && before.failedDocuments() != null) {
            before.failedDocuments().forEach(failed -> byKey.put(failed.key(), failed));
        }
        reports.furthest().values().stream()
                .map(Progress::failedDocuments)
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .filter(failed -> failed.key() != null)
                .map(failed -> new FailedDocumentStatus(
                        Sentence.quote(failed.key(), Limit.SHOWN_TEXT),
                        Sentence.quote(failed.reason(), Limit.SHOWN_TEXT)))
                .forEach(failed -> byKey.putIfAbsent(failed.key(), failed));
        return byKey.values().stream().limit(Limit.SHOWN_FAILURES).toList();
    }
}
