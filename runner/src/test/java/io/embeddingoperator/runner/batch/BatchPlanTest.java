package io.embeddingoperator.runner.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.Packing;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
    @Test
    void withoutPaddingTextsStayInTheirOrderAndOnlyTheirSumCounts() {
        List<WaitingChunk> chunks = chunks(3, 9, 1, 4, 30, 2, 2, 2);

        List<Batch> batches = BatchPlan.of(chunks, new BatchLimits(13, 2, Packing.SUMMED));

        assertThat(batches)
                .extracting(batch ->
                        batch.chunks().stream().map(WaitingChunk::tokens).toList())
                .containsExactly(List.of(3, 9), List.of(1, 4), List.of(30), List.of(2, 2), List.of(2));
        assertThat(batches.getFirst().paddedTokens()).isEqualTo(12);
    }

    @Test
    void fillsBatchesFromTheLongestOn() {
        // given
        List<WaitingChunk> chunks = chunks(3, 10, 4, 9, 2);

        // when
        List<Batch> batches = BatchPlan.of(chunks, new BatchLimits(20, 32));

        // then
        assertThat(batches)
                .extracting(batch ->
                        batch.chunks().stream().map(WaitingChunk::tokens).toList())
                .containsExactly(List.of(10, 9), List.of(4, 3, 2));
    }

    @Test
    void givesATextBeyondTheBudgetABatchOfItsOwn() {
        assertThat(BatchPlan.of(chunks(50, 5), new BatchLimits(20, 32)))
                .extracting(batch -> batch.chunks().size())
                .containsExactly(1, 1);
    }

    @Test
    void keepsToTheBudgetAndLosesNothing() {
        // given
        Random random = new Random(7);
        List<WaitingChunk> chunks = chunks(
                IntStream.range(0, 5_000).map(i -> 2 + random.nextInt(254)).toArray());

        // when
        List<Batch> batches = BatchPlan.of(chunks, new BatchLimits(1_024, 64));

        // then
        assertThat(batches).allSatisfy(batch -> {
            assertThat(batch.paddedTokens()).isLessThanOrEqualTo(1_024);
            assertThat(batch.chunks()).hasSizeLessThanOrEqualTo(64);
        });
        assertThat(batches.stream().flatMap(batch -> batch.chunks().stream()))
                .containsExactlyInAnyOrderElementsOf(chunks);
        long tokens = chunks.stream().mapToLong(WaitingChunk::tokens).sum();
        long padded = batches.stream().mapToLong(Batch::paddedTokens).sum();
        assertThat((double) padded / tokens).isLessThan(1.01);
    }

    private static List<WaitingChunk> chunks(int... lengths) {
        return IntStream.range(0, lengths.length)
                .mapToObj(i -> new WaitingChunk(i, 0, new TokenizedText("x", new int[lengths[i]], false)))
                .toList();
    }
}
