package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A Job whose pods all ended well is no proof that the sink holds what they wrote. */
class RunEndTest {
    private static final String LOST =
            "every pod ended well, but the sink holds 1 of 2 complete shards: its database crashed or a standby took over,"
                    + " and lost what ended shards had written";

    /** Two shards of a thousand documents, the first of which the sink has lost. */
    private static TestingRun lost() {
        return TestingRun.started(2)
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.ended(0).said()))
                .pod(TestingPod.succeeded(
                        1, TestingProgress.ended(1, 1, 2).whole(1_000, 1).said()));
    }

    private static EmbeddingJobStatus announced() {
        return lost().at(TestingRun.NOW.plusSeconds(3)).status();
    }

    @Test
    void aRunIsNotCompleteWhileTheFinalReportsOfItsPodsMayBeUnderWay() {
        TestingRun run = TestingRun.started(1).jobComplete();

        assertThat(run.line())
                .isEqualTo("Running: every shard is done, and what the last pod read in the sink is awaited");
        assertThat(GracePeriod.untilNextLook(run.manifest(), run.seen())).contains(Duration.ofSeconds(4));
        assertThat(RunRestart.isDue(run.manifest(), run.seen())).isFalse();
    }

    @Test
    void aRunAtItsEndDoesNotGoBackToItsMiddleWhileItsLastReportIsAwaited() {
        EmbeddingJobStatus indexing = TestingRun.started(1)
                .pod(TestingPod.running(0), TestingProgress.complete(0).phase(Phase.Indexing))
                .status();

        assertThat(TestingRun.started(1).jobComplete().before(indexing).line())
                .isEqualTo("Indexing: every shard is done, and what the last pod read in the sink is awaited");
    }

    @Test
    void aRunThatTheSinkHasLostAPartOfStartsAgainOnceThatIsSaid() {
        EmbeddingJobStatus announced = announced();

        assertThat(TestingRun.line(announced))
                .isEqualTo(
                        "Restarting: " + LOST + "; the Job starts again from the checkpoints at 2026-11-20T21:00:03Z");
        assertThat(TestingRun.condition(announced, ConditionType.Complete).getStatus())
                .isEqualTo("False");
        assertThat(TestingRun.condition(announced, ConditionType.Reconciling).getStatus())
                .isEqualTo("True");
        assertThat(announced.restarts()).isEqualTo(1);
        assertThat(announced.completionTime()).isNull();
        TestingRun unsaid = lost().at(TestingRun.NOW.plusSeconds(3));
        assertThat(RunRestart.isDue(unsaid.manifest(), unsaid.seen())).isFalse();
        TestingRun said = lost().at(TestingRun.NOW.plusSeconds(3)).before(announced);
        assertThat(RunRestart.isDue(said.manifest(), said.seen())).isTrue();
        assertThat(said.status()).isEqualTo(announced);
    }

    @Test
    void theNumbersAreThoseOfTheSinkAlsoWhereTheyWereMore() {
        EmbeddingJobStatus before = TestingRun.started(2)
                .completedIndexes("0")
                .pod(TestingPod.succeeded(0, TestingProgress.ended(0).said()))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 900).whole(1_900, 1))
                .status();
        assertThat(before.documents().embedded()).isEqualTo(1_900);

        EmbeddingJobStatus after =
                lost().at(TestingRun.NOW.plusSeconds(3)).before(before).status();

        assertThat(after.documents().embedded()).isEqualTo(1_000);
        assertThat(after.documents().percent()).isLessThan(100);
        assertThat(after.shards().succeeded()).isEqualTo(1);
    }

    @Test
    void itIsCompleteWithWhatTheLastReadingOfTheSinkHolds() {
        EmbeddingJobStatus complete = TestingRun.started(2)
                .before(announced())
                .jobComplete()
                .pod(TestingPod.succeeded(
                        0, TestingProgress.ended(0, 1, 2).whole(1_000, 1).said()))
                .pod(TestingPod.succeeded(
                        1,
                        TestingProgress.ended(1)
                                .sink(new SinkState(true, 2, 2, "2026-11-20T20:59:59.6Z"))
                                .whole(2_000, 2)
                                .said()))
                .status();

        assertThat(TestingRun.line(complete)).startsWith("Complete: 2,000 documents embedded, 0 failed");
        assertThat(complete.documents().percent()).isEqualTo(100);
        assertThat(complete.restarts()).isEqualTo(1);
    }

    @Test
    void ofTwoReadingsTheLaterOneCountsWhicheverPodEndedLast() {
        TestingRun run = TestingRun.started(2)
                .at(TestingRun.NOW.plusSeconds(3))
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(TestingPod.succeeded(
                        1,
                        TestingProgress.ended(1)
                                .sink(new SinkState(false, 1, 2, "2026-11-20T20:59:59.6Z"))
                                .said()));

        assertThat(run.line()).startsWith("Restarting: " + LOST);
    }

    @Test
    void aRunWhoseIndexTheSinkHasLostStartsAgain() {
        TestingRun run = TestingRun.started(1)
                .at(TestingRun.NOW.plusSeconds(3))
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.ended(0, 1, 1).said()));

        assertThat(run.line())
                .startsWith(
                        "Restarting: every pod ended well, but the sink lacks the end of the run, which is the removal"
                                + " of orphans and the index");
    }

    @Test
    void aRunThatNoPodCanTellOfStartsAgainToReadTheSink() {
        TestingRun run = TestingRun.started(1).jobComplete().at(TestingRun.NOW.plusSeconds(3));

        assertThat(run.line())
                .startsWith(
                        "Restarting: every pod ended well, but none that the operator heard had read in the sink that"
                                + " the run is complete; the pods that could tell were deleted");
    }

    @Test
    void wordsThatComeLateAreHeard() {
        TestingRun run = TestingRun.started(1)
                .before(TestingRun.started(1)
                        .jobComplete()
                        .at(TestingRun.NOW.plusSeconds(3))
                        .status())
                .at(TestingRun.NOW.plusSeconds(4))
                .jobComplete()
                .terminationReport(TestingProgress.complete(0));

        assertThat(run.line()).startsWith("Complete: ");
    }

    @Test
    void eachFurtherTimeItWaitsTwiceAsLongUpToTenMinutes() {
        List<Long> pauses = new ArrayList<>();
        EmbeddingJobStatus status = null;
        for (int i = 0; i < 8; i++) {
            status = lost().at(TestingRun.NOW.plusSeconds(3)).before(status).status();
            TestingRun waiting = lost().before(status);
            long pause = 0;
            while (!RunRestart.isDue(
                    waiting.manifest(),
                    waiting.at(TestingRun.NOW.plusSeconds(pause)).seen())) {
                pause++;
            }
            pauses.add(pause);
            status = TestingRun.started(2).before(status).status();
        }

        assertThat(pauses).containsExactly(3L, 30L, 60L, 120L, 240L, 480L, 600L, 600L);
        assertThat(status.restarts()).isEqualTo(8);
    }

    @Test
    void aRunnerThatIsTooOldToSayWhatItReadIsTriedOnceAndThenNamed() {
        // given
        TestingRun old = TestingRun.started(1)
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.ended(0).said()))
                .at(TestingRun.NOW.plusSeconds(3));
        EmbeddingJobStatus first = old.status();
        assertThat(TestingRun.line(first))
                .startsWith("Restarting: ")
                .contains("is of an earlier version than the operator");

        // when the next Job has the same image
        EmbeddingJobStatus running = TestingRun.started(1).before(first).status();
        EmbeddingJobStatus second = old.before(running).status();

        // then
        assertThat(TestingRun.line(second))
                .startsWith("Unconfirmed: ")
                .endsWith("what is stored is not embedded again");
        assertThat(TestingRun.condition(second, ConditionType.Stalled).getStatus())
                .isEqualTo("True");
        assertThat(TestingRun.condition(second, ConditionType.Complete).getStatus())
                .isEqualTo("False");
        TestingRun later = old.before(second).at(TestingRun.NOW.plusSeconds(9_000));
        assertThat(RunRestart.isDue(later.manifest(), later.seen())).isFalse();
        assertThat(later.status()).isEqualTo(second);
    }

    @Test
    void aSuspendedJobWaitsWithIt() {
        TestingRun run =
                lost().at(TestingRun.NOW.plusSeconds(3)).before(announced()).suspend();

        assertThat(run.line()).startsWith("Suspended: spec.suspend is true");
    }

    @Test
    void aRunOnceSaidToBeCompleteStaysSo() {
        EmbeddingJobStatus complete = TestingRun.started(2)
                .jobComplete()
                .pod(TestingPod.succeeded(
                        0, TestingProgress.complete(0).whole(2_000, 2).said()))
                .status();

        assertThat(TestingRun.started(2).jobComplete().before(complete).status())
                .isEqualTo(complete);
        assertThat(lost().before(complete).at(TestingRun.NOW.plusSeconds(9_000)).status())
                .isEqualTo(complete);
    }
}
