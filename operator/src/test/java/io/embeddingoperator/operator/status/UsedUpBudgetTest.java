package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.Waiting;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class UsedUpBudgetTest {
    /** A minute before {@link TestingRun#NOW}, when all pods of these tests were created. */
    private static final Instant CREATED = TestingRun.NOW.minusSeconds(60);

    private static boolean isSeen(TestingRun run) {
        return isSeen(run, null);
    }

    private static boolean isSeen(TestingRun run, Instant changed) {
        return UsedUpBudget.isSeen(run.manifest(), run.seen(), changed);
    }

    private static TestingRun run(int shards) {
        return TestingRun.started(shards).budget("25.00");
    }

    private static TestingPod paused(int shard) {
        return TestingPod.failed(
                shard,
                66,
                TestingProgress.embedding(shard, 400).phase(Phase.Paused).said());
    }

    private static TestingProgress waiting(int shard, Waiting.Reason reason) {
        return TestingProgress.embedding(shard, 400).waiting(reason, "a sentence");
    }

    @Test
    void isSeenOfARunnerThatPaused() {
        assertThat(isSeen(run(2).pod(paused(0)))).isTrue();
        assertThat(isSeen(run(2).pod(TestingPod.failed(0, 66, "no progress at all"))))
                .isTrue();
        assertThat(isSeen(run(2).pod(TestingPod.running(0), waiting(0, Waiting.Reason.BudgetExhausted))))
                .isTrue();
    }

    @Test
    void isNotSeenOfRunnersThatEndOtherwise() {
        assertThat(isSeen(run(1))).isFalse();
        assertThat(isSeen(run(1).pod(TestingPod.failed(0, 75, "away")))).isFalse();
        assertThat(isSeen(run(1).pod(TestingPod.running(0), waiting(0, Waiting.Reason.RateLimited))))
                .isFalse();
    }

    @Test
    void waitsForRunnersThatStillWork() {
        assertThat(isSeen(run(2).pod(paused(0)).pod(TestingPod.running(1)))).isFalse();
        assertThat(isSeen(run(2).pod(paused(0)).pod(TestingPod.running(1), waiting(1, Waiting.Reason.BatchesPending))))
                .as("batches that are paid for are imported first")
                .isFalse();
        assertThat(isSeen(run(2).pod(paused(0)).pod(TestingPod.running(1), waiting(1, Waiting.Reason.BudgetExhausted))))
                .isTrue();
    }

    @Test
    void looksAtTheNewestPodOfAShardOnly() {
        TestingPod next = TestingPod.pending(0).named("articles-1-0-next").created(CREATED.plusSeconds(10));

        assertThat(isSeen(run(1).pod(paused(0)).pod(next))).isFalse();
        assertThat(isSeen(run(2).completedIndexes("0").pod(paused(0)))).isFalse();
    }

    @Test
    void passesOverPodsThatMayHaveReadAnotherBudget() {
        assertThat(isSeen(run(1).pod(paused(0)), CREATED.minusSeconds(6))).isTrue();
        assertThat(isSeen(run(1).pod(paused(0)), CREATED.minusSeconds(5)))
                .as("clocks differ")
                .isFalse();
        assertThat(isSeen(run(1).pod(paused(0)), CREATED.plusSeconds(30))).isFalse();
    }

    @Test
    void doesNotWaitForPodsThatKnowOnlyALargerBudgetOnceTheirRunHasCostTheLowerOne() {
        TestingRun run = run(2).pod(TestingPod.running(0), hasCost("25.00")).pod(TestingPod.running(1));

        assertThat(isSeen(run, CREATED.plusSeconds(30))).isTrue();
        assertThat(isSeen(run, CREATED.minusSeconds(30)))
                .as("a pod that knows the budget keeps to it")
                .isFalse();
        assertThat(isSeen(run)).as("it never changed").isFalse();
        assertThat(isSeen(run(1).pod(TestingPod.running(0), hasCost("24.99")), CREATED.plusSeconds(30)))
                .as("there is money left")
                .isFalse();
        assertThat(isSeen(run(1).pod(TestingPod.pending(0)).heardOf("gone", hasCost("26")), CREATED.plusSeconds(30)))
                .as("a pod that has not started reads the budget as it is")
                .isFalse();
    }

    private static TestingProgress hasCost(String usd) {
        return TestingProgress.embedding(0, 400)
                .whole(new Progress.Whole(new Counts(400, 400, 0, 0, 800, 1_000, 0, 0, 0), 0, usd, null, null));
    }

    @Test
    void isNotSeenWhereThereIsNoBudget() {
        assertThat(isSeen(TestingRun.started(1).pod(paused(0)))).isFalse();
    }
}
