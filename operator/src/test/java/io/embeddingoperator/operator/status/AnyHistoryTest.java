package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every status in every history of a run. */
class AnyHistoryTest {
    private static final int SHARDS = 4;
    /** Once every pod has ended, what the last one read counts, also where it is less. */
    private static final Set<StatusWord> READ_IN_THE_SINK = Set.of(StatusWord.Complete, StatusWord.Restarting);

    private static final List<String> TYPES =
            Arrays.stream(ConditionType.values()).map(Enum::name).toList();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void holdsItsPromises(long seed) {
        Random random = new Random(seed);
        EmbeddingJobStatus before = null;
        int run = 1;

        for (int step = 0; step < 250; step++) {
            run += random.nextInt(60) == 0 ? 1 : 0;
            EmbeddingJobStatus after = anything(random, run)
                    .at(TestingRun.NOW.plusSeconds(10 + step))
                    .generation(step + 1L)
                    .before(before)
                    .status();

            assertThat(after.observedGeneration()).isEqualTo(step + 1L);
            assertSound(after);
            if (before != null && before.run().equals(after.run())) {
                assertEndsAreFinal(before, after);
                if (!READ_IN_THE_SINK.contains(StatusWord.of(after).orElseThrow())) {
                    assertNotBackwards(before, after);
                }
            }
            if (before != null) {
                assertTransitionsAreTrue(before, after);
                new StatusChange(before, after).events();
            }
            before = after;
        }
    }

    private static TestingRun anything(Random random, int run) {
        TestingRun seen = TestingRun.manifest(SHARDS).run(run);
        if (random.nextInt(10) == 0) {
            seen.suspend();
        }
        if (random.nextInt(30) == 0) {
            seen.olderRun(TestingRun.started(SHARDS).seen().job());
        }
        if (random.nextInt(8) == 0) {
            return seen;
        }
        seen.job(job -> job);
        switch (random.nextInt(40)) {
            case 0 -> seen.jobComplete();
            case 1 -> seen.failedIndexes("2").jobFailed("FailedIndexes", "Job has failed indexes");
            case 2 -> seen.jobSuspended();
            case 3 -> seen.jobSuspended().queued("gpus");
            case 4 -> seen.failedIndexes("1");
            case 5 -> seen.completedIndexes("0-1");
            default -> seen.completedIndexes("3");
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            TestingProgress progress = TestingProgress.embedding(shard, random.nextInt(1_000))
                    .run(run - random.nextInt(2))
                    .rate(random.nextInt(100_000), (long) random.nextInt(500));
            if (random.nextInt(3) == 0) {
                progress = progress.whole(random.nextInt(SHARDS * 1_000), random.nextInt(SHARDS + 1));
            }
            switch (random.nextInt(9)) {
                case 0 -> {}
                case 1 -> seen.pod(TestingPod.pending(shard));
                case 2 -> seen.pod(TestingPod.waiting(shard, "ErrImagePull", "not found"));
                case 3 -> seen.pod(TestingPod.unschedulable(shard, "0/1 nodes are available: 1 Insufficient cpu."));
                case 4 ->
                    seen.pod(TestingPod.failed(
                            shard, 75, progress.phase(Phase.Failed).said()));
                case 5 -> {
                    SinkState read = new SinkState(random.nextBoolean(), SHARDS, SHARDS, TestingRun.NOW.toString());
                    seen.pod(TestingPod.succeeded(
                            shard, progress.phase(Phase.Complete).sink(read).said()));
                }
                case 6 -> seen.pod(TestingPod.running(shard).leaving(), progress);
                default -> seen.pod(TestingPod.running(shard), progress);
            }
        }
        return seen;
    }

    private static void assertSound(EmbeddingJobStatus status) {
        assertThat(status.conditions()).extracting(Condition::getType).isEqualTo(TYPES);
        assertThat(status.conditions()).allSatisfy(condition -> {
            assertThat(condition.getReason()).matches("[A-Za-z]+");
            assertThat(condition.getMessage()).isNotBlank().hasSizeLessThanOrEqualTo(Sentence.MAX_LENGTH);
            assertThat(condition.getObservedGeneration()).isEqualTo(status.observedGeneration());
            assertThat(condition.getStatus()).isIn("True", "False");
        });
        boolean complete = Conditions.hold(status, ConditionType.Complete);
        boolean failed = Conditions.hold(status, ConditionType.Failed);
        boolean reconciling = Conditions.hold(status, ConditionType.Reconciling);
        assertThat(complete && failed).isFalse();
        assertThat(reconciling && (complete || failed)).isFalse();
        assertThat(Conditions.hold(status, ConditionType.Ready)).isEqualTo(complete);
        assertThat(Conditions.hold(status, ConditionType.Stalled))
                .isEqualTo(failed || StatusWord.of(status).orElseThrow() == StatusWord.Unconfirmed);
        assertThat(status.documents().percent() == 100).isEqualTo(complete);
        assertThat(status.completionTime() != null).isEqualTo(complete || failed);
        assertThat(StatusWord.valueOf(
                        TestingRun.condition(status, ConditionType.Ready).getReason()))
                .isNotNull();
        DocumentCounts documents = status.documents();
        if (documents.total() != null) {
            assertThat(documents.embedded() + documents.skipped() + documents.failed())
                    .isLessThanOrEqualTo(documents.total());
        }
    }

    private static void assertNotBackwards(EmbeddingJobStatus before, EmbeddingJobStatus after) {
        assertThat(after.documents().embedded())
                .isGreaterThanOrEqualTo(before.documents().embedded());
        assertThat(after.documents().skipped())
                .isGreaterThanOrEqualTo(before.documents().skipped());
        assertThat(after.documents().failed())
                .isGreaterThanOrEqualTo(before.documents().failed());
        assertThat(after.documents().percent())
                .isGreaterThanOrEqualTo(before.documents().percent());
        assertThat(after.chunks()).isGreaterThanOrEqualTo(before.chunks());
        assertThat(after.tokens()).isGreaterThanOrEqualTo(before.tokens());
    }

    private static void assertEndsAreFinal(EmbeddingJobStatus before, EmbeddingJobStatus after) {
        for (ConditionType end : List.of(ConditionType.Complete, ConditionType.Failed)) {
            if (Conditions.hold(before, end)) {
                assertThat(Conditions.hold(after, end)).as(end + " is final").isTrue();
            }
        }
    }

    private static void assertTransitionsAreTrue(EmbeddingJobStatus before, EmbeddingJobStatus after) {
        for (ConditionType type : ConditionType.values()) {
            Condition was = TestingRun.condition(before, type);
            Condition is = TestingRun.condition(after, type);
            assertThat(is.getLastTransitionTime().equals(was.getLastTransitionTime()))
                    .as("the time of %s stays exactly as long as its status", type)
                    .isEqualTo(is.getStatus().equals(was.getStatus()));
        }
    }
}
