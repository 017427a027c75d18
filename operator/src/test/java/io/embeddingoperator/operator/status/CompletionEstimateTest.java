package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress.Batches;
import io.embeddingoperator.api.contract.Progress.Whole;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import org.junit.jupiter.api.Test;

class CompletionEstimateTest {
    private static TestingRun embedding(long done, double rate, Long secondsLeft) {
        return TestingRun.started(1)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, done).rate(rate, secondsLeft));
    }

    @Test
    void endsWhenTheWorkOfAllShardsIsDoneAtTheRateOfThePodsThatRun() {
        EmbeddingJobStatus status = TestingRun.started(4)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 500)
                                .planned(4, 4_000L, 4_000)
                                .rate(100, 50L))
                .status();

        assertThat(status.estimatedCompletionTime()).isEqualTo("2026-11-20T21:05:50Z");
    }

    @Test
    void endsNoSoonerThanTheSlowestPod() {
        EmbeddingJobStatus status = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 900).rate(100, 1L))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 100).rate(100, 600L))
                .status();

        assertThat(status.estimatedCompletionTime()).isEqualTo("2026-11-20T21:10:00Z");
    }

    @Test
    void staysAsLongAsItIsAboutRight() {
        EmbeddingJobStatus before = embedding(500, 100, 300L).status();

        EmbeddingJobStatus aBitLater = embedding(520, 100, 310L).before(before).status();
        EmbeddingJobStatus muchSlower = embedding(520, 100, 900L).before(before).status();

        assertThat(before.estimatedCompletionTime()).isEqualTo("2026-11-20T21:05:00Z");
        assertThat(aBitLater.estimatedCompletionTime()).isEqualTo(before.estimatedCompletionTime());
        assertThat(muchSlower.estimatedCompletionTime()).isEqualTo("2026-11-20T21:15:00Z");
    }

    @Test
    void aPodThatIsNewIsTakenToBeAsFastAsTheOthers() {
        EmbeddingJobStatus status = TestingRun.started(4)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 500)
                                .planned(4, 4_000L, 4_000)
                                .rate(100, 50L))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 0))
                .status();

        assertThat(status.estimatedCompletionTime())
                .as("3,500 documents, 20 a second")
                .isEqualTo("2026-11-20T21:03:00Z");
    }

    @Test
    void staysWhileMostPodsAreTooNewToTell() {
        EmbeddingJobStatus before = embedding(500, 100, 300L).status();

        EmbeddingJobStatus next = embedding(500, 100, null).before(before).status();
        EmbeddingJobStatus late = embedding(500, 100, null)
                .at(TestingRun.NOW.plusSeconds(301))
                .before(before)
                .status();

        assertThat(next.estimatedCompletionTime()).isEqualTo(before.estimatedCompletionTime());
        assertThat(late.estimatedCompletionTime()).isNull();
    }

    @Test
    void saysNothingOfARunThatABatchMayHoldUpForADay() {
        EmbeddingJobStatus before = embedding(500, 100, 300L).status();
        EmbeddingJobStatus status = TestingRun.started(1)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 500)
                                .rate(100, 300L)
                                .whole(new Whole(
                                        new Counts(500, 500, 0, 0, 1_000, 50_000, 0, 0, 0),
                                        0,
                                        "0.10",
                                        null,
                                        new Batches(1, 1, 0, 0))))
                .before(before)
                .status();

        assertThat(status.estimatedCompletionTime()).isNull();
    }

    @Test
    void saysNothingThatNoRunnerKnows() {
        assertThat(embedding(500, 0, null).status().estimatedCompletionTime()).isNull();
        assertThat(TestingRun.started(2)
                        .pod(
                                TestingPod.running(0),
                                TestingProgress.embedding(0, 500).rate(100, 50L))
                        .status()
                        .estimatedCompletionTime())
                .as("the other shard may be of any size")
                .isNull();
        assertThat(TestingRun.started(1)
                        .pod(
                                TestingPod.running(0).leaving(),
                                TestingProgress.embedding(0, 500).rate(100, 50L))
                        .status()
                        .estimatedCompletionTime())
                .as("the pod is leaving")
                .isNull();
    }
}
