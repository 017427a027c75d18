package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What a shard waits for.
 *
 * @param sourceRead whether all its documents are written down
 * @param outside batches that the provider has
 * @param outsideDocuments in them
 * @param oldest when the oldest of them was handed in; empty where there is none
 * @param inside batches that are not handed in yet
 * @param insideDocuments in them
 * @param begun those of them whose handing in has begun: they are paid for, and will be handed in all the same
 * @param begunDocuments in them
 * @param trouble what keeps requests from succeeding for some time now
 */
record ShardSituation(
        boolean sourceRead,
        int outside,
        long outsideDocuments,
        Optional<Instant> oldest,
        int inside,
        long insideDocuments,
        int begun,
        long begunDocuments,
        Optional<String> trouble) {
    static final ShardSituation START = of(false, List.of(), Optional.empty());

    static ShardSituation of(boolean sourceRead, Collection<BatchRecord> batches, Optional<String> trouble) {
        List<BatchRecord> outside =
                batches.stream().filter(ShardSituation::isOutside).toList();
        List<BatchRecord> inside =
                batches.stream().filter(ShardSituation::isInside).toList();
        List<BatchRecord> begun = inside.stream()
                .filter(batch -> batch.state() != BatchState.Packed)
                .toList();
        return new ShardSituation(
                sourceRead,
                outside.size(),
                documents(outside),
                outside.stream().map(ShardSituation::handedInAt).min(Instant::compareTo),
                inside.size(),
                documents(inside),
                begun.size(),
                documents(begun),
                trouble);
    }

    ShardSituation plus(ShardSituation other) {
        return new ShardSituation(
                sourceRead && other.sourceRead,
                outside + other.outside,
                outsideDocuments + other.outsideDocuments,
                oldest.isPresent() && other.oldest.isPresent()
                        ? oldest.filter(time -> time.isBefore(other.oldest.get()))
                                .or(other::oldest)
                        : oldest.or(other::oldest),
                inside + other.inside,
                insideDocuments + other.insideDocuments,
                begun + other.begun,
                begunDocuments + other.begunDocuments,
                trouble.or(other::trouble));
    }

    private static long documents(List<BatchRecord> batches) {
        return batches.stream().mapToLong(BatchRecord::documents).sum();
    }

    /** A batch that is handed in again has been so before. */
    private static Instant handedInAt(BatchRecord batch) {
        return batch.submittedAt()
                .filter(_ -> batch.state() != BatchState.Creating)
                .orElse(batch.changedAt());
    }

    private static boolean isOutside(BatchRecord batch) {
        return switch (batch.state()) {
            case Creating, Submitted, Cancelling, Importing -> true;
            case Packed, Uploading, Uploaded, Imported, Done, Failed, Expired, Cancelled -> false;
        };
    }

    /** Whether a batch has not been handed in yet. */
    static boolean isInside(BatchRecord batch) {
        return batch.state() == BatchState.Packed
                || batch.state() == BatchState.Uploading
                || batch.state() == BatchState.Uploaded;
    }
}
