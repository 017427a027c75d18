package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Batches;
import io.embeddingoperator.api.contract.Progress.FailedDocument;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.Whole;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.BatchCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.FailedDocumentStatus;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunNumbersTest {
    @Test
    void addsUpLiveAndFinishedShards() {
        EmbeddingJobStatus status = TestingRun.started(2)
                .completedIndexes("0")
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(
                        TestingPod.running(1),
                        TestingProgress.embedding(1, 200).documents(200, 100, 3).rate(48_321.5, 90L))
                .status();

        assertThat(status.documents()).isEqualTo(new DocumentCounts(2_000L, 1_200L, 100L, 3L, 65));
        assertThat(status.chunks()).isEqualTo(2_400);
        assertThat(status.tokens()).isEqualTo(120_000);
        assertThat(status.tokensPerSecond()).isEqualTo(48_000);
    }

    @Test
    void takesTheFurthestOfTwoReportsOfAShard() {
        EmbeddingJobStatus status = TestingRun.started(1)
                .pod(TestingPod.failed(
                                0,
                                75,
                                TestingProgress.embedding(0, 400)
                                        .phase(Phase.Failed)
                                        .said())
                        .named("articles-1-0-first"))
                .pod(TestingPod.running(0).attempt(2), TestingProgress.embedding(0, 700))
                .status();

        assertThat(status.documents().embedded()).isEqualTo(700);
    }

    @Test
    void takesThePlanOfTheWholeRunWhereARunnerKnowsIt() {
        EmbeddingJobStatus status = TestingRun.started(4)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 500).planned(4, 4_000L, 4_000))
                .status();

        assertThat(status.documents().total()).isEqualTo(4_000);
        assertThat(status.documents().percent()).isEqualTo(12);
    }

    @Test
    void guessesNoTotalWhileAShardIsUnheard() {
        EmbeddingJobStatus status = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 500))
                .pod(TestingPod.failed(
                        1, 75, Progress.unplanned(new Progress.Process("corpus/articles", 1, 1), "no answer")))
                .status();

        assertThat(status.documents().total()).isNull();
        assertThat(status.documents().percent()).isZero();
    }

    @Test
    void neverGoesBackWhenAPodIsAway() {
        EmbeddingJobStatus both = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 500))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 500))
                .status();

        EmbeddingJobStatus one = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 600))
                .before(both)
                .status();

        assertThat(one.documents()).isEqualTo(both.documents());
        assertThat(one.tokens()).isEqualTo(both.tokens());
    }

    @Test
    void aPodThatIsDeletedAfterItsEndTakesNoNumbersWithIt() {
        EmbeddingJobStatus before = TestingRun.started(2)
                .completedIndexes("0")
                .pod(TestingPod.succeeded(
                        0, TestingProgress.complete(0).whole(1_100, 1).said()))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 100))
                .status();

        EmbeddingJobStatus after = TestingRun.started(2)
                .completedIndexes("0")
                .pod(
                        TestingPod.running(1),
                        TestingProgress.embedding(1, 400)
                                .planned(2, 2_000L, 2_000)
                                .whole(1_400, 1))
                .before(before)
                .status();
        EmbeddingJobStatus complete = TestingRun.started(2)
                .jobComplete()
                .pod(TestingPod.succeeded(
                        1,
                        TestingProgress.complete(1)
                                .planned(2, 2_000L, 2_000)
                                .whole(2_000, 2)
                                .said()))
                .before(after)
                .status();

        assertThat(after.documents()).isEqualTo(new DocumentCounts(2_000L, 1_400L, 0L, 0L, 70));
        assertThat(after.chunks()).isEqualTo(2_800);
        assertThat(after.tokens()).isEqualTo(140_000);
        assertThat(complete.documents()).isEqualTo(new DocumentCounts(2_000L, 2_000L, 0L, 0L, 100));
        assertThat(TestingRun.line(complete))
                .startsWith("Complete: 2,000 documents embedded, 0 failed; 4,000 chunks written");
    }

    @Test
    void theFinalReportOfTheLastRunnerCountsWhenItsPodIsDeletedBetweenTwoPasses() {
        EmbeddingJobStatus complete = TestingRun.started(2)
                .jobComplete()
                .terminationReport(
                        TestingProgress.complete(1).planned(2, 2_000L, 2_000).whole(2_000, 2))
                .status();

        assertThat(complete.documents()).isEqualTo(new DocumentCounts(2_000L, 2_000L, 0L, 0L, 100));
        assertThat(TestingRun.line(complete)).startsWith("Complete: 2,000 documents embedded");
    }

    @Test
    void takesTheMostThatAnyRunnerKnowsOfTheRun() {
        EmbeddingJobStatus status = TestingRun.started(3)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 500)
                                .whole(new Whole(
                                        new Counts(0, 1_200, 30, 2, 0, 0, 0, 0, 0),
                                        1,
                                        "0.30",
                                        null,
                                        new Batches(3, 3, 0, 0))))
                .pod(
                        TestingPod.running(1),
                        TestingProgress.embedding(1, 500)
                                .whole(new Whole(
                                        new Counts(0, 1_100, 40, 1, 0, 0, 0, 0, 0),
                                        1,
                                        "1.2",
                                        null,
                                        new Batches(3, 1, 1, 1))))
                .pod(TestingPod.running(2), TestingProgress.embedding(2, 10))
                .status();

        assertThat(status.documents().embedded()).isEqualTo(1_200);
        assertThat(status.documents().skipped()).isEqualTo(40);
        assertThat(status.documents().failed()).isEqualTo(2);
        assertThat(status.chunks()).as("the sum of the shards is more here").isEqualTo(2_020);
        assertThat(status.costUsd()).isEqualTo("1.2");
        assertThat(status.batches()).isEqualTo(new BatchCounts(3, 1, 1, 1));
    }

    @Test
    void tellsHowManyDocumentsWereRemovedWhereSomeWere() {
        assertThat(TestingRun.started(1)
                        .pod(TestingPod.running(0), removed(0, -3L))
                        .status()
                        .documents()
                        .removed())
                .isNull();
        assertThat(TestingRun.started(2)
                        .pod(TestingPod.running(0), removed(0, 4))
                        .pod(TestingPod.running(1), removed(1, 7))
                        .status()
                        .documents()
                        .removed())
                .isEqualTo(7);
        assertThat(TestingRun.started(1)
                        .jobComplete()
                        .pod(TestingPod.succeeded(
                                0, removed(0, 4).phase(Phase.Complete).said()))
                        .status()
                        .documents()
                        .removed())
                .as("also once the last words are read")
                .isEqualTo(4);
    }

    @Test
    void chunksThatTheModelDoesNotSeeAsTheyAreAreToldWhereThereAreSome() {
        EmbeddingJobStatus none = TestingRun.started(1)
                .pod(TestingPod.running(0), unseen(0, 0, 0))
                .status();
        EmbeddingJobStatus some = TestingRun.started(2)
                .pod(TestingPod.running(0), unseen(0, 3, 7))
                .pod(TestingPod.running(1), unseen(1, 1, 9))
                .status();

        assertThat(none.truncatedChunks()).isNull();
        assertThat(none.unknownChunks()).isNull();
        assertThat(some.truncatedChunks()).isEqualTo(3);
        assertThat(some.unknownChunks()).isEqualTo(9);
    }

    private static TestingProgress unseen(int shard, long truncated, long unknown) {
        return TestingProgress.embedding(shard, 10)
                .whole(new Whole(new Counts(10, 10, 0, 0, 20, 1_000, truncated, unknown, 0), 0, null, null, null));
    }

    private static TestingProgress removed(int shard, long documents) {
        return TestingProgress.embedding(shard, 10)
                .whole(new Whole(new Counts(10, 10, 0, 0, 20, 1_000, 0, 0, documents), 1, null, null, null));
    }

    @Test
    void partOfTheMoneyThatNoBillTellsIsTheLargestThatWasSaid() {
        EmbeddingJobStatus before = TestingRun.started(2)
                .pod(TestingPod.running(0), estimated(0, "0.10"))
                .pod(TestingPod.running(1), estimated(1, "0.25"))
                .status();

        assertThat(before.estimatedCostUsd()).isEqualTo("0.25");
        assertThat(TestingRun.started(2).before(before).status().estimatedCostUsd())
                .isEqualTo("0.25");
        assertThat(TestingRun.started(1)
                        .pod(TestingPod.running(0), estimated(0, null))
                        .status()
                        .estimatedCostUsd())
                .isNull();
    }

    private static TestingProgress estimated(int shard, String usd) {
        return TestingProgress.embedding(shard, 10)
                .whole(new Whole(new Counts(10, 10, 0, 0, 20, 1_000, 0, 0, 0), 1, "0.30", usd, null));
    }

    @Test
    void moneyAndBatchesStayWhenNoRunnerIsHeard() {
        EmbeddingJobStatus before = TestingRun.started(1)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 500)
                                .whole(new Whole(
                                        new Counts(0, 500, 0, 0, 0, 0, 0, 0, 0),
                                        0,
                                        "12.50",
                                        null,
                                        new Batches(2, 1, 1, 0))))
                .status();

        EmbeddingJobStatus silent = TestingRun.started(1).before(before).status();
        EmbeddingJobStatus nonsense = TestingRun.started(1)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 500)
                                .whole(new Whole(
                                        new Counts(0, 500, 0, 0, 0, 0, 0, 0, 0),
                                        0,
                                        "NaN",
                                        null,
                                        new Batches(1, 0, 0, 0))))
                .before(before)
                .status();

        assertThat(silent.costUsd()).isEqualTo("12.50");
        assertThat(silent.batches()).isEqualTo(new BatchCounts(2, 1, 1, 0));
        assertThat(nonsense.costUsd()).isEqualTo("12.50");
        assertThat(nonsense.batches()).isEqualTo(before.batches());
    }

    @Test
    void filesAreCountedByTheRunnerThatKnowsThatAllAreThrough() {
        EmbeddingJobStatus complete = TestingRun.started(2)
                .jobComplete()
                .pod(TestingPod.succeeded(
                        1,
                        TestingProgress.complete(1)
                                .planned(2, null, 90_000)
                                .whole(1_700, 2)
                                .said()))
                .status();

        assertThat(complete.documents().total()).isEqualTo(1_700);
    }

    @Test
    void countsWhatWasLastHeardOfAPodThatIsGone() {
        EmbeddingJobStatus status = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 600))
                .heardOf("articles-1-1-gone", TestingProgress.embedding(1, 500).rate(900, 60L))
                .status();

        assertThat(status.documents().embedded()).isEqualTo(1_100);
        assertThat(status.tokensPerSecond())
                .as("the rate of pods that are there")
                .isZero();
    }

    @Test
    void passesOverReportsOfAnotherRun() {
        EmbeddingJobStatus status = TestingRun.manifest(1)
                .run(2)
                .heardOf("articles-1-0-gone", TestingProgress.embedding(0, 500))
                .status();

        assertThat(status.documents().embedded()).isZero();
    }

    @Test
    void whatIsReadAndWaitsForABatchIsNotDone() {
        EmbeddingJobStatus ofATable = TestingRun.started(1)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 100)
                                .planned(1, 1_000L, 1_000)
                                .whole(new Whole(
                                        new Counts(1_000, 100, 0, 0, 200, 10_000, 0, 0, 0),
                                        0,
                                        "0.10",
                                        null,
                                        new Batches(10, 9, 1, 0))))
                .status();
        EmbeddingJobStatus ofFiles = TestingRun.started(1)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 100)
                                .planned(1, null, 1_000)
                                .whole(new Whole(
                                        new Counts(500, 100, 0, 0, 200, 10_000, 0, 0, 0),
                                        0,
                                        "0.10",
                                        null,
                                        new Batches(10, 8, 2, 0))))
                .status();

        assertThat(ofATable.documents().percent()).isEqualTo(10);
        assertThat(ofFiles.documents().percent()).isEqualTo(10);
    }

    @Test
    void whatIsStoredBeforeItsWindowIsThroughIsDone() {
        EmbeddingJobStatus status = TestingRun.started(1)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 500)
                                .planned(1, 2_000L, 2_000)
                                .whole(new Whole(
                                        new Counts(0, 500, 0, 0, 1_000, 50_000, 0, 0, 0), 0, "19.22", null, null)))
                .status();

        assertThat(status.documents().percent()).isEqualTo(25);
    }

    @Test
    void isNeverAtAHundredPercentBeforeItIsComplete() {
        EmbeddingJobStatus status = TestingRun.started(1)
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .status();

        assertThat(status.documents().percent()).isEqualTo(99);
    }

    @Test
    void isCompleteWithAnEmptySource() {
        EmbeddingJobStatus status = TestingRun.started(1)
                .jobComplete()
                .pod(TestingPod.succeeded(
                        0, TestingProgress.complete(0).documents(0, 0, 0).said()))
                .status();

        assertThat(status.documents().percent()).isEqualTo(100);
    }

    @Test
    void survivesNumbersThatMakeNoSense() {
        EmbeddingJobStatus status = TestingRun.started(3)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, Long.MAX_VALUE).rate(Double.NaN, -5L))
                .pod(
                        TestingPod.running(1),
                        TestingProgress.embedding(1, Long.MAX_VALUE).rate(Double.MAX_VALUE, 1L))
                .pod(TestingPod.running(2), TestingProgress.embedding(2, Long.MIN_VALUE))
                .status();

        assertThat(status.documents().embedded()).isEqualTo(Long.MAX_VALUE);
        assertThat(status.documents().percent()).isBetween(0, 99);
        assertThat(status.tokensPerSecond()).isZero();
    }

    @Test
    void showsTheFirstTenFailuresAndKeepsThem() {
        FailedDocument[] many = IntStream.range(0, 12)
                .mapToObj(key -> new FailedDocument("key " + key, "invalid UTF-8"))
                .toArray(FailedDocument[]::new);
        EmbeddingJobStatus before = TestingRun.started(2)
                .pod(
                        TestingPod.running(1),
                        TestingProgress.embedding(1, 10).failedDocuments(new FailedDocument("seen first", "empty")))
                .status();

        EmbeddingJobStatus status = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 10).failedDocuments(many))
                .before(before)
                .status();

        assertThat(status.failedDocuments())
                .hasSize(10)
                .startsWith(
                        new FailedDocumentStatus("seen first", "empty"),
                        new FailedDocumentStatus("key 0", "invalid UTF-8"));
    }

    @Test
    void ignoresTerminationMessagesThatAreNoProgress() {
        for (String words : new String[] {"", "null", "[]", "{}", "panic: out of disk", "{\"job\":\"a\",\"run\":1"}) {
            EmbeddingJobStatus status =
                    TestingRun.started(1).pod(TestingPod.failed(0, 1, words)).status();

            assertThat(status.documents().embedded()).as(words).isZero();
        }
    }
}
