package io.embeddingoperator.runner.batches;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Waiting.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Says what batches wait for. */
final class BatchWaiting {
    private BatchWaiting() {}

    static Optional<Progress.Waiting> of(ShardSituation situation, BatchRun run) {
        Instant now = run.clock().instant();
        if (run.exhausted().isPresent()) {
            return Optional.of(exhausted(situation, run, run.exhausted().get().getMessage()));
        }
        if (situation.trouble().isPresent()) {
            return Optional.of(new Progress.Waiting(
                    Reason.ProviderUnavailable, situation.trouble().get(), null));
        }
        if (situation.inside() > 0 && run.queue().isFull()) {
            String sentence = "%s handed in: the provider's queue is full%s"
                    .formatted(
                            counted(situation.inside(), situation.insideDocuments()) + " cannot be",
                            run.queue()
                                    .refusal()
                                    .map(words -> " (" + words + ")")
                                    .orElse(""));
            return Optional.of(new Progress.Waiting(
                    Reason.BatchQueueFull,
                    sentence,
                    run.queue().closedUntil(now).map(BatchWaiting::seconds).orElse(null)));
        }
        if (situation.sourceRead() && situation.outside() > 0) {
            String since = situation
                    .oldest()
                    .map(time -> ", the oldest since " + seconds(time))
                    .orElse("");
            return Optional.of(new Progress.Waiting(
                    Reason.BatchesPending,
                    "all documents are handed in: %s at the provider%s"
                            .formatted(
                                    counted(situation.outside(), situation.outsideDocuments())
                                            + (situation.outside() == 1 ? " is" : " are"),
                                    since),
                    null));
        }
        return Optional.empty();
    }

    /** What is paid for is handed in and stored before the run pauses. */
    private static Progress.Waiting exhausted(ShardSituation situation, BatchRun run, String reason) {
        int batches = situation.outside() + situation.begun();
        if (batches == 0) {
            return new Progress.Waiting(Reason.BudgetExhausted, reason, null);
        }
        String which = counted(batches, situation.outsideDocuments() + situation.begunDocuments());
        String verb = batches == 1 ? "is" : "are";
        if (situation.begun() > 0 && run.queue().isFull()) {
            return new Progress.Waiting(
                    Reason.BatchQueueFull,
                    "%s %s paid for and will be stored before the run pauses, once the provider's queue has room: %s"
                            .formatted(which, verb, reason),
                    null);
        }
        return new Progress.Waiting(
                Reason.BatchesPending,
                "%s %s at the provider%s and will be stored before the run pauses: %s"
                        .formatted(which, verb, situation.begun() == 0 ? "" : " or on the way to it", reason),
                null);
    }

    private static String counted(int batches, long documents) {
        return "%d %s of %,d documents".formatted(batches, batches == 1 ? "batch" : "batches", documents);
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
