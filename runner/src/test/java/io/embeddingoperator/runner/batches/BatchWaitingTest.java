package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Waiting.Reason;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BatchWaitingTest {
    private static final Instant PACKED = Instant.parse("2026-11-25T06:00:00Z");
    private static final Instant CHANGED = Instant.parse("2026-11-26T11:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

    private final BatchRun run = new BatchRun(
            new BatchRules("default/testing", 1, -1, OptionalLong.empty()),
            null,
            null,
            null,
            null,
            null,
            BatchTiming.usual(),
            InstantSource.fixed(NOW),
            null);

    @Test
    void tellsSinceWhenTheProviderHasABatchAndNotWhenItWasPacked() {
        // given
        BatchRecord submitted = batch(BatchState.Submitted, Optional.of(Instant.parse("2026-11-26T09:30:00Z")));
        BatchRecord askedAgain = batch(BatchState.Creating, Optional.of(Instant.parse("2026-11-26T07:00:00Z")));

        // when, then
        assertThat(waiting(submitted, askedAgain).sentence()).contains("the oldest since 2026-11-26T09:30:00Z");
        assertThat(waiting(askedAgain).sentence()).contains("the oldest since " + CHANGED);
    }

    @Test
    void pausesForTheBudgetOnlyOnceAllThatIsPaidForIsThrough() {
        run.exhausted(new BudgetExhaustedException("the money is spent"));

        assertThat(waiting(batch(BatchState.Packed, Optional.empty())).reason()).isEqualTo(Reason.BudgetExhausted);
        assertThat(waiting(batch(BatchState.Submitted, Optional.of(CHANGED))).reason())
                .isEqualTo(Reason.BatchesPending);
        assertThat(waiting(batch(BatchState.Uploading, Optional.empty())).reason())
                .isEqualTo(Reason.BatchesPending);

        // and when the provider's queue is full
        run.queue().refused(OptionalLong.empty(), "Enqueued token limit reached", NOW);

        // then
        assertThat(waiting(batch(BatchState.Uploaded, Optional.empty()))).satisfies(waiting -> {
            assertThat(waiting.reason()).isEqualTo(Reason.BatchQueueFull);
            assertThat(waiting.sentence())
                    .contains("1 batch of 7 documents is paid for")
                    .contains("the money is spent");
        });
    }

    private Progress.Waiting waiting(BatchRecord... batches) {
        return BatchWaiting.of(ShardSituation.of(true, List.of(batches), Optional.empty()), run)
                .orElseThrow();
    }

    private static BatchRecord batch(BatchState state, Optional<Instant> submittedAt) {
        return new BatchRecord(
                "eb1",
                0,
                state,
                7,
                9,
                100,
                1_000,
                BatchRecord.ProviderState.NOTHING,
                1,
                1,
                OptionalLong.empty(),
                submittedAt.map(time -> time.plus(Duration.ofHours(24))),
                submittedAt,
                PACKED,
                CHANGED);
    }
}
