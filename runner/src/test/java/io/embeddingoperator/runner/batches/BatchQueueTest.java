package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final BatchTiming TIMING = new BatchTiming(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofMinutes(1),
            Duration.ofMinutes(15),
            Duration.ofSeconds(20),
            Duration.ofMinutes(10));

    @Test
    void handsInWhateverThereIsWhileNoLimitIsKnown() {
        BatchQueue queue = queue(OptionalLong.empty());

        assertThat(queue.admits(Long.MAX_VALUE / 2, 1_000_000_000, NOW)).isTrue();
        assertThat(queue.batchTokens()).isEqualTo(Long.MAX_VALUE);
        assertThat(queue.isFull()).isFalse();
    }

    @Test
    void keepsWithinTheLimitAndFillsItWithSeveralBatches() {
        BatchQueue queue = queue(OptionalLong.of(1_000));

        assertThat(queue.batchTokens()).isEqualTo(250);
        assertThat(queue.admits(250, 750, NOW)).isTrue();
        assertThat(queue.admits(250, 751, NOW)).isFalse();
        assertThat(queue.isFull()).isTrue();
    }

    @Test
    void triesAnEmptyQueueWhateverTheLimitSays() {
        assertThat(queue(OptionalLong.of(1_000)).admits(900, 0, NOW)).isTrue();
    }

    @Test
    void learnsFromARefusalAndWaitsUntilABatchIsThroughOrSomeTimeHasPassed() {
        // given
        BatchQueue queue = queue(OptionalLong.empty());

        // when
        queue.refused(OptionalLong.of(2_000), "Enqueued token limit reached", NOW);

        // then
        assertThat(queue.batchTokens()).isEqualTo(500);
        assertThat(queue.tooLarge(2_001)).isTrue();
        assertThat(queue.tooLarge(2_000)).isFalse();
        assertThat(queue.admits(100, 0, NOW)).isFalse();
        assertThat(queue.closedUntil(NOW)).isPresent();
        assertThat(queue.admits(100, 0, NOW.plus(Duration.ofMinutes(2)))).isTrue();

        // and when
        queue.madeRoom();

        // then
        assertThat(queue.admits(100, 0, NOW)).isTrue();
    }

    @Test
    void waitsLongerFromOneRefusalToTheNextButNeverForHours() {
        BatchQueue queue = queue(OptionalLong.empty());
        for (int i = 0; i < 20; i++) {
            queue.refused(OptionalLong.empty(), "Enqueued request limit reached", NOW);
        }

        assertThat(queue.closedUntil(NOW).orElseThrow())
                .isBetween(NOW.plus(Duration.ofMinutes(10)), NOW.plus(Duration.ofMinutes(20)));
    }

    private static BatchQueue queue(OptionalLong limit) {
        return new BatchQueue(limit, 1, TIMING);
    }
}
