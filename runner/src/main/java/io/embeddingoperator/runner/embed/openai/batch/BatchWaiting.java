package io.embeddingoperator.runner.embed.openai.batch;

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
            return Optional.of(exhausted(situation, run.exhausted().get().getMessage()));
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

    /** What is paid for is stored before the run pauses. */
    private static Progress.Waiting exhausted(ShardSituation situation, String reason) {
        return situation.outside() == 0
                ? new Progress.Waiting(Reason.BudgetExhausted, reason, null)
                : new Progress.Waiting(
                        Reason.BatchesPending,
                        "%s at the provider and will be stored before the run pauses: %s"
                                .formatted(
                                        counted(situation.outside(), situation.outsideDocuments())
                                                + (situation.outside() == 1 ? " is" : " are"),
                                        reason),
                        null);
    }

    private static String counted(int batches, long documents) {
        return "%d %s of %,d documents".formatted(batches, batches == 1 ? "batch" : "batches", documents);
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
