package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.openai.reply.BatchFileLimits;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.PendingTotals;
import io.embeddingoperator.runner.sink.batch.PendingTotals.Amount;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PackingTest {
    private static final long ANY_TOKENS = Long.MAX_VALUE;
    private static final BatchRules ALWAYS = rules(-1, 1);
    private static final Amount FEW = amount(10, 20);
    private static final Amount A_FILE = amount(30_000, BatchFileLimits.INPUTS);

    @Test
    void waitsForAFileSWorthUnlessNoMoreDocumentsCome() {
        assertThat(packing(FEW, ALWAYS, false)).isEqualTo(new Packing.Wait());
        assertThat(packing(FEW, ALWAYS, true)).isInstanceOf(Packing.Pack.class);
        assertThat(packing(A_FILE, ALWAYS, false))
                .isEqualTo(
                        new Packing.Pack(new BatchCapacity(BatchFileLimits.INPUTS, ANY_TOKENS, BatchFileLimits.BYTES)));
        assertThat(packing(new Amount(10, 10, 10, BatchFileLimits.BYTES), ALWAYS, false))
                .isInstanceOf(Packing.Pack.class);
        assertThat(packing(Amount.NOTHING, ALWAYS, true)).isEqualTo(new Packing.Wait());
    }

    @Test
    void makesBatchesThatTheProvidersQueueCanTake() {
        Packing packing = Packing.of(waiting(new Amount(10, 20, 5_000, 100)), ALWAYS, false, 0, 4_000);

        assertThat(packing)
                .isEqualTo(new Packing.Pack(new BatchCapacity(BatchFileLimits.INPUTS, 4_000, BatchFileLimits.BYTES)));
    }

    @Test
    void packsNoSecondBatchWhileOneIsNotHandedInAndHoldsTheReaderBack() {
        assertThat(Packing.of(waiting(A_FILE), ALWAYS, true, 1, ANY_TOKENS)).isEqualTo(new Packing.Wait());
        assertThat(Packing.isEnough(waiting(A_FILE), ALWAYS, ANY_TOKENS)).isTrue();
        assertThat(Packing.isEnough(waiting(FEW), ALWAYS, ANY_TOKENS)).isFalse();
    }

    @Test
    void usesBatchesAboveTheShardsPartOfTheThreshold() {
        // given
        BatchRules rules = rules(100, 3);

        // when, then
        assertThat(packing(amount(34, 34), rules, true)).isEqualTo(new Packing.Embed(false));
        assertThat(packing(amount(34, 34), rules, false)).isEqualTo(new Packing.Wait());
        assertThat(packing(amount(35, 35), rules, true)).isInstanceOf(Packing.Pack.class);
    }

    @Test
    void countsWhatIsInBatchesForTheThreshold() {
        PendingTotals totals = new PendingTotals(amount(1, 1), Amount.NOTHING, amount(34, 34), 0);

        assertThat(Packing.of(totals, rules(100, 3), true, 0, ANY_TOKENS)).isInstanceOf(Packing.Pack.class);
    }

    @Test
    void embedsWhatIsTooLargeForABatchByRequests() {
        PendingTotals totals = new PendingTotals(FEW, amount(1, 3_000), Amount.NOTHING, 0);

        assertThat(Packing.of(totals, ALWAYS, false, 0, ANY_TOKENS)).isEqualTo(new Packing.Embed(true));
    }

    @Test
    void takesNoDocumentsOutOfTheReadersHandsBelowTheThreshold() {
        PendingTotals totals = waiting(amount(200_000, 200_000));

        assertThat(Packing.isEnough(totals, rules(1_000_000, 1), ANY_TOKENS)).isFalse();
    }

    private static Packing packing(Amount unassigned, BatchRules rules, boolean sourceRead) {
        return Packing.of(waiting(unassigned), rules, sourceRead, 0, ANY_TOKENS);
    }

    private static PendingTotals waiting(Amount unassigned) {
        return new PendingTotals(unassigned, Amount.NOTHING, Amount.NOTHING, 0);
    }

    private static Amount amount(long documents, long inputs) {
        return new Amount(documents, inputs, 100 * inputs, 1_000 * inputs);
    }

    private static BatchRules rules(long threshold, int shards) {
        return new BatchRules("default/job", shards, threshold, OptionalLong.empty());
    }
}
