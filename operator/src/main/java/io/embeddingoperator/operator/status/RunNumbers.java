package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Batches;
import io.embeddingoperator.api.contract.Progress.Whole;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.BatchCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.FailedDocumentStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RecallStatus;
import io.embeddingoperator.api.v1alpha1.Limit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a run: the most that a runner said of the whole of it, and never less than its shards said of themselves or
 * than the former status of the same run says. Runners know the whole run from the sink, so that no number is lost with a pod.
 * So a number may lag behind, and never decreases or runs ahead.
 */
record RunNumbers(
        DocumentCounts documents,
        long chunks,
        @Nullable Long truncatedChunks,
        @Nullable Long unknownChunks,
        long tokens,
        @Nullable String costUsd,
        @Nullable String estimatedCostUsd,
        @Nullable BatchCounts batches,
        List<FailedDocumentStatus> failedDocuments,
        @Nullable RecallStatus recall) {
    /**
     * @param before the former status of the same run, or null
     * @param complete whether the run is complete
     */
    static RunNumbers of(Reports reports, @Nullable EmbeddingJobStatus before, JobState job, boolean complete) {
        return job.complete()
                .flatMap(_ -> Optional.ofNullable(reports.last()))
                .map(Progress::whole)
                .map(read -> read(read, reports, before, job.shards(), complete))
                .orElseGet(() -> heard(reports, before, job.shards(), complete));
    }

    /** The numbers as they were, where the operator did not look. */
    static RunNumbers unheard(@Nullable EmbeddingJobStatus before, int shards) {
        return heard(Reports.NONE, before, shards, false);
    }

    /** Every pod has ended: what was read in the sink last is true, also where it is less than what was there before. */
    private static RunNumbers read(
            Whole read, Reports reports, @Nullable EmbeddingJobStatus before, int shards, boolean complete) {
        Counts counts = read.counts();
        long finished = counts.finished();
        Long total = total(reports, shards, floor(before).total(), finished);
        int percent = complete ? 100 : percent(share(reports, shards, total, finished), 0);
        return new RunNumbers(
                new DocumentCounts(
                        total, counts.embedded(), counts.skipped(), counts.failed(), percent, some(counts.removed())),
                counts.chunks(),
                some(counts.truncatedChunks()),
                some(counts.unknownChunks()),
                counts.tokens(),
                costUsd(reports, before),
                estimatedCostUsd(reports, before),
                batches(reports, before),
                failedDocuments(reports, before),
                recall(reports, before));
    }

    private static DocumentCounts floor(@Nullable EmbeddingJobStatus before) {
        return Optional.ofNullable(before)
                .map(EmbeddingJobStatus::documents)
                .orElseGet(() -> new DocumentCounts(null, 0L, 0L, 0L, 0));
    }

    private static RunNumbers heard(
            Reports reports, @Nullable EmbeddingJobStatus before, int shards, boolean complete) {
        Optional<EmbeddingJobStatus> former = Optional.ofNullable(before);
        DocumentCounts floor = floor(before);
        long embedded = most(
                reports, Counts::embedded, said -> said.committed().documents().embedded(), floor.embedded());
        long skipped = most(
                reports, Counts::skipped, said -> said.committed().documents().skipped(), floor.skipped());
        long failed = most(
                reports, Counts::failed, said -> said.committed().documents().failed(), floor.failed());
        long finished = Count.sum(embedded, skipped, failed);
        Long total = total(reports, shards, floor.total(), finished);
        int shown = Objects.requireNonNullElse(floor.percent(), 0);
        int percent = complete ? 100 : percent(share(reports, shards, total, finished), shown);
        return new RunNumbers(
                new DocumentCounts(
                        total, embedded, skipped, failed, percent, some(reports, Counts::removed, floor.removed())),
                most(
                        reports,
                        Counts::chunks,
                        said -> said.committed().chunks(),
                        former.map(EmbeddingJobStatus::chunks).orElse(null)),
                some(
                        reports,
                        Counts::truncatedChunks,
                        former.map(EmbeddingJobStatus::truncatedChunks).orElse(null)),
                some(
                        reports,
                        Counts::unknownChunks,
                        former.map(EmbeddingJobStatus::unknownChunks).orElse(null)),
                most(
                        reports,
                        Counts::tokens,
                        said -> said.committed().tokens(),
                        former.map(EmbeddingJobStatus::tokens).orElse(null)),
                costUsd(reports, before),
                estimatedCostUsd(reports, before),
                batches(reports, before),
                failedDocuments(reports, before),
                recall(reports, before));
    }

    /** Work of the whole run that was planned, in the source's unit; null while that is not known. */
    static @Nullable Long plannedWork(Reports reports, int shards) {
        return reports.furthest().values().stream()
                .map(Progress::planned)
                .filter(Objects::nonNull)
                .map(Progress.Planned::work)
                .max(Long::compare)
                .orElseGet(() -> summedWork(reports, shards));
    }

    /** Null as long as one shard does not know its work, or was not heard. */
    private static @Nullable Long summedWork(Reports reports, int shards) {
        return reports.allPlanned(shards)
                ? sum(reports, said -> said.committed().work().total())
                : null;
    }

    /** Work of the whole run that is done, in the source's unit. */
    static long workDone(Reports reports) {
        return most(reports, Counts::work, said -> said.committed().work().done(), null);
    }

    private static long most(
            Reports reports, ToLongFunction<Counts> ofTheRun, ToLongFunction<Progress> ofAShard, @Nullable Long floor) {
        long told = reports.whole() == null
                ? 0
                : ofTheRun.applyAsLong(reports.whole().counts());
        return Math.max(Math.max(told, sum(reports, ofAShard)), Objects.requireNonNullElse(floor, 0L));
    }

    private static long sum(Reports reports, ToLongFunction<Progress> count) {
        return reports.furthest().values().stream().mapToLong(count).reduce(0, Count::plus);
    }

    /** Null as long as there are none. */
    private static @Nullable Long some(Reports reports, ToLongFunction<Counts> ofTheRun, @Nullable Long floor) {
        return Optional.ofNullable(reports.whole())
                .map(whole -> some(ofTheRun.applyAsLong(whole.counts())))
                .map(count -> Count.larger(count, floor))
                .orElse(floor);
    }

    private static @Nullable Long some(long count) {
        return count <= 0 ? null : Long.valueOf(count);
    }

    /** US dollars as a plain decimal; null while no runner has told. */
    static @Nullable String costUsd(Reports reports, @Nullable EmbeddingJobStatus before) {
        return WholeRun.dearer(
                Optional.ofNullable(reports.whole()).map(Whole::costUsd).orElse(null),
                Optional.ofNullable(before).map(EmbeddingJobStatus::costUsd).orElse(null));
    }

    /** The same of what no bill tells. */
    private static @Nullable String estimatedCostUsd(Reports reports, @Nullable EmbeddingJobStatus before) {
        return WholeRun.dearer(
                reports.whole() == null ? null : reports.whole().estimatedCostUsd(),
                before == null ? null : before.estimatedCostUsd());
    }

    /** Null until the end of the run, of which the runner tells that read the sink last. */
    private static @Nullable RecallStatus recall(Reports reports, @Nullable EmbeddingJobStatus before) {
        return Optional.ofNullable(reports.last())
                .map(Progress::recall)
                .map(told -> new RecallStatus(
                        told.at10(),
                        told.efSearch(),
                        told.usualAt10(),
                        told.usualEfSearch(),
                        told.target(),
                        told.queries(),
                        told.measuredAt()))
                .orElse(before == null ? null : before.recall());
    }

    private static @Nullable BatchCounts batches(Reports reports, @Nullable EmbeddingJobStatus before) {
        BatchCounts former =
                Optional.ofNullable(before).map(EmbeddingJobStatus::batches).orElse(null);
        Batches told = Optional.ofNullable(reports.whole()).map(Whole::batches).orElse(null);
        if (told == null || former != null && former.submitted() != null && former.submitted() > told.submitted()) {
            return former;
        }
        return new BatchCounts(told.submitted(), told.inProgress(), told.completed(), told.failed());
    }

    /** Null while it is not known; never less than the documents that are finished. */
    private static @Nullable Long total(Reports reports, int shards, @Nullable Long before, long finished) {
        Long planned = reports.furthest().values().stream()
                .map(Progress::planned)
                .filter(Objects::nonNull)
                .map(Progress.Planned::documents)
                .filter(Objects::nonNull)
                .max(Long::compare)
                .orElseGet(() -> summedTotal(reports, shards));
        Long total = Count.larger(planned, before);
        return total == null ? null : Long.valueOf(Math.max(total, finished));
    }

    /** Null as long as one shard does not know, or was not heard, and no runner says that all are through. */
    private static @Nullable Long summedTotal(Reports reports, int shards) {
        boolean known = reports.allPlanned(shards)
                && reports.furthest().values().stream()
                        .allMatch(said -> said.committed().documents().total() != null);
        if (known) {
            return sum(reports, said -> said.committed().documents().total());
        }
        if (reports.whole() != null && reports.allComplete(shards)) {
            return Math.max(0, reports.whole().counts().finished());
        }
        return null;
    }

    /** At most 99: work that follows the last document, such as the index, is part of the run. */
    private static int percent(double share, int floor) {
        return Math.clamp(Math.max((int) share, floor), 0, 99);
    }

    /** In percent: by documents, or by the work that is done where the number of documents is not known. */
    private static double share(Reports reports, int shards, @Nullable Long total, long finished) {
        if (total == null) {
            return shareOfWork(reports, shards);
        }
        return total == 0 ? 0 : 100.0 * finished / total;
    }

    /** How much of the source is read, less the part whose vectors batches have yet to bring, which is known by their number alone. */
    private static double shareOfWork(Reports reports, int shards) {
        Long planned = plannedWork(reports, shards);
        if (planned == null || planned <= 0) {
            return 0;
        }
        double read = 100.0 * workDone(reports) / planned;
        return Optional.ofNullable(reports.whole())
                .map(Whole::batches)
                .filter(batches -> batches.submitted() > 0)
                .map(batches -> read * (batches.submitted() - batches.inProgress()) / batches.submitted())
                .orElse(read);
    }

    /** Documents that were shown once stay in the list, so that it does not change all the time. */
    private static List<FailedDocumentStatus> failedDocuments(Reports reports, @Nullable EmbeddingJobStatus before) {
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
