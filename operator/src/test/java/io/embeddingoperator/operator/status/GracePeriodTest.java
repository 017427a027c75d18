package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GracePeriodTest {
    static Stream<Arguments> runs() {
        TestingPod unplaced = TestingPod.pending(0).condition("PodScheduled", "False", "Unschedulable", "no", 4);
        TestingPod placed = TestingPod.pending(0).condition("PodScheduled", "True", null, null, 20);
        return Stream.of(
                argumentSet("no Job", TestingRun.manifest(1), null),
                argumentSet("a Job without pods", TestingRun.started(1), 61),
                argumentSet("a pod without a node", TestingRun.started(1).pod(unplaced), 7),
                argumentSet(
                        "a pod whose container is being created",
                        TestingRun.started(1).pod(placed),
                        101),
                argumentSet(
                        "the one that is due first",
                        TestingRun.started(2)
                                .pod(TestingPod.pending(1).condition("PodScheduled", "True", null, null, 20))
                                .pod(unplaced),
                        7),
                argumentSet(
                        "a runner that has not answered",
                        TestingRun.started(1).pod(TestingPod.running(0).startedAt(TestingRun.NOW.minusSeconds(10))),
                        21),
                argumentSet(
                        "a pod that was told to end",
                        TestingRun.started(1)
                                .pod(TestingPod.running(0).onNode("node-2").leaving()),
                        31),
                argumentSet(
                        "a Job that was deleted",
                        TestingRun.started(1)
                                .job(job -> job.editMetadata()
                                        .withDeletionTimestamp(TestingRun.NOW.toString())
                                        .endMetadata()),
                        61),
                argumentSet(
                        "a runner whose image was long in coming",
                        TestingRun.started(1)
                                .pod(TestingPod.running(0)
                                        .startedAt(TestingRun.NOW.minusSeconds(600))
                                        .runningSince(TestingRun.NOW.minusSeconds(20))),
                        11),
                argumentSet(
                        "a runner that answers",
                        TestingRun.started(1).pod(TestingPod.running(0), TestingProgress.embedding(0, 1)),
                        null),
                argumentSet(
                        "a trouble that is known",
                        TestingRun.started(1).pod(TestingPod.unschedulable(0, "0/1 nodes")),
                        null),
                argumentSet(
                        "a pod that waits for the place which another one has left",
                        TestingRun.started(2)
                                .completedIndexes("0")
                                .pod(TestingPod.succeeded(
                                                0, TestingProgress.complete(0).said())
                                        .endedBefore(3))
                                .pod(TestingPod.unschedulable(1, "0/1 nodes")),
                        8),
                argumentSet("a suspended Job", TestingRun.started(1).jobSuspended(), null),
                argumentSet(
                        "a Job that ended, whose last report may come",
                        TestingRun.started(1).jobComplete(),
                        4),
                argumentSet("a run that ended", TestingRun.started(1).complete(), null));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void looksAgainWhenWaitingBecomesATrouble(TestingRun run, Integer seconds) {
        assertThat(GracePeriod.untilNextLook(run.manifest(), run.seen()))
                .isEqualTo(Optional.ofNullable(seconds).map(Duration::ofSeconds));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void seesTheTroubleThen(TestingRun run, Integer seconds) {
        Optional<Duration> wait = GracePeriod.untilNextLook(run.manifest(), run.seen());
        String before = run.line();
        run.before(run.status()).at(TestingRun.NOW.plus(wait.orElse(Duration.ofDays(1))));

        assertThat(run.line().equals(before)).isEqualTo(seconds == null);
    }
}
