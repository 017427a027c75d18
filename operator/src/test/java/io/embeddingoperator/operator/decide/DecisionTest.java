package io.embeddingoperator.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.decide.NextAction.AddFinalizer;
import io.embeddingoperator.operator.decide.NextAction.CreateRun;
import io.embeddingoperator.operator.decide.NextAction.DeleteSuspended;
import io.embeddingoperator.operator.decide.NextAction.Expire;
import io.embeddingoperator.operator.decide.NextAction.Nothing;
import io.embeddingoperator.operator.decide.NextAction.PauseAtBudget;
import io.embeddingoperator.operator.decide.NextAction.RemoveFinalizer;
import io.embeddingoperator.operator.decide.NextAction.RestartRun;
import io.embeddingoperator.operator.decide.NextAction.Resume;
import io.embeddingoperator.operator.decide.NextAction.Scale;
import io.embeddingoperator.operator.decide.NextAction.StopOlderRun;
import io.embeddingoperator.operator.decide.NextAction.Suspend;
import io.embeddingoperator.operator.decide.NextAction.Wait;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.embeddingoperator.operator.desired.RunnerJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DecisionTest {
    private static final String QUEUED = "metadata: {labels: {kueue.x-k8s.io/queue-name: gpus}}\n";
    private static final String ENDED = "status: {run: 1, conditions: [{type: %s, status: \"True\"}]}\n";

    @Nested
    final class WithoutAJob {
        @Test
        void aNewManifestStarts() {
            assertThat(decide(manifest("{}"))).isEqualTo(new CreateRun());
        }

        @Test
        void aSuspendedManifestDoesNotStart() {
            assertThat(decide(manifest("spec: {suspend: true}"))).isEqualTo(new Nothing());
        }

        @ParameterizedTest
        @ValueSource(strings = {"Complete", "Failed"})
        void aFinishedRunWhoseJobWasCleanedUpIsNotRunAgain(String end) {
            assertThat(decide(manifest(ENDED.formatted(end)))).isEqualTo(new Nothing());
        }

        @Test
        void aJobThatWasDeletedInMidRunIsCreatedAgain() {
            assertThat(decide(manifest("status: {run: 1, conditions: [{type: Complete, status: \"False\"}]}")))
                    .isEqualTo(new CreateRun());
        }

        @Test
        void aNewNonceAfterAFinishedRunRunsAgain() {
            assertThat(decide(manifest("spec: {runNonce: 2}\n" + ENDED.formatted("Complete"))))
                    .isEqualTo(new CreateRun());
        }

        @Test
        void theNonceOfAFinishedRunIsWhatMattersAndNotItsNumber() {
            String fourth = "status: {run: 4, runNonce: 2, conditions: [{type: Complete, status: \"True\"}]}\n";

            assertThat(decide(manifest("spec: {runNonce: 2}\n" + fourth))).isEqualTo(new Nothing());
            assertThat(decide(manifest("spec: {runNonce: 4}\n" + fourth))).isEqualTo(new CreateRun());
            assertThat(decide(manifest("spec: {runNonce: 1}\n" + fourth))).isEqualTo(new CreateRun());
        }

        @Test
        void aManifestThatIsBeingDeletedStartsNothing() {
            assertThat(decide(manifest("metadata: {deletionTimestamp: \"2026-11-01T00:00:00Z\"}")))
                    .isEqualTo(new Nothing());
        }
    }

    @Nested
    final class WhileARunWorks {
        @Test
        void whatIsAsItShouldBeIsLeftAlone() {
            EmbeddingJob manifest = manifest("{}");

            assertThat(decide(manifest, job(manifest))).isEqualTo(new Nothing());
        }

        @Test
        void newParallelismScalesTheJob() {
            Job job = job(manifest("{}"));

            assertThat(decide(manifest("spec: {sharding: {parallelism: 5}}"), job))
                    .isEqualTo(new Scale(5));
        }

        @Test
        void suspendComesBeforeAnythingElseThatChanged() {
            Job job = job(manifest("{}"));

            assertThat(decide(manifest("spec: {suspend: true, sharding: {parallelism: 5}}"), job))
                    .isEqualTo(new Suspend());
        }

        @Test
        void aResumedJobFirstGetsItsNewParallelism() {
            // given
            EmbeddingJob manifest = manifest("spec: {sharding: {parallelism: 5}}");
            Job suspended = new JobBuilder(job(manifest("{}")))
                    .editMetadata()
                    .addToAnnotations("embedding-operator.io/suspended-by-spec", "true")
                    .endMetadata()
                    .editSpec()
                    .withSuspend(true)
                    .endSpec()
                    .build();
            Job scaled = new JobBuilder(suspended)
                    .editSpec()
                    .withParallelism(5)
                    .endSpec()
                    .build();

            // then
            assertThat(decide(manifest, suspended)).isEqualTo(new Scale(5));
            assertThat(decide(manifest, scaled)).isEqualTo(new Resume());
        }

        @Test
        void aJobThatAnotherClientSuspendedIsNotResumed() {
            EmbeddingJob manifest = manifest("{}");
            Job suspended = new JobBuilder(job(manifest))
                    .editSpec()
                    .withSuspend(true)
                    .endSpec()
                    .build();

            assertThat(decide(manifest, suspended)).isEqualTo(new Nothing());
        }

        @Test
        void aJobThatAnotherClientResumedIsNoLongerNotedAsSuspendedByTheOperator() {
            EmbeddingJob manifest = manifest("{}");
            Job resumed = new JobBuilder(job(manifest))
                    .editMetadata()
                    .addToAnnotations("embedding-operator.io/suspended-by-spec", "true")
                    .endMetadata()
                    .build();

            assertThat(decide(manifest, resumed)).isEqualTo(new Resume());
        }

        @Test
        void aJobThatIsOnItsWayOutIsWaitedFor() {
            EmbeddingJob manifest = manifest("{}");

            assertThat(decide(manifest, deleting(job(manifest))))
                    .isEqualTo(new Wait("the Job wiki-1 is being deleted"));
        }

        @Test
        void aJobThatIsFailingIsNotYetFinished() {
            EmbeddingJob manifest = manifest("spec: {suspend: true}");

            assertThat(decide(manifest, with(job(manifest("{}")), "FailureTarget")))
                    .isEqualTo(new Suspend());
        }

        @Test
        void aForeignJobOfTheSameNameIsNeverTouched() {
            EmbeddingJob manifest = manifest("{}");
            Job foreign = new JobBuilder(job(manifest))
                    .editMetadata()
                    .withOwnerReferences()
                    .endMetadata()
                    .build();

            assertThat(decide(manifest, foreign))
                    .isEqualTo(new Wait("a Job named wiki-1 exists that is not of this EmbeddingJob:"
                            + " if it is not being cleaned up, delete it, or change runNonce to use another name"));
        }
    }

    @Nested
    final class WithBatches {
        private static final String OPENAI = """
                spec:
                  embedder:
                    onnx: null
                    openai: {model: m, dimensions: 8, mode: %s, apiKey: {secretKeyRef: {name: openai, key: key}}}
                """;

        @ParameterizedTest
        @ValueSource(strings = {"Auto", "Batch", "Batch, server: LiteLLM, baseUrl: \"http://proxy\""})
        void theFinalizerComesBeforeTheFirstPod(String mode) {
            assertThat(decide(manifest(OPENAI.formatted(mode)))).isEqualTo(new AddFinalizer());
            assertThat(decide(withFinalizer(OPENAI.formatted(mode)))).isEqualTo(new CreateRun());
        }

        @Test
        void aJobThatCanHaveNoBatchesGetsNone() {
            assertThat(decide(manifest(OPENAI.formatted("Realtime")))).isEqualTo(new CreateRun());
        }

        @Test
        void aServerWithoutBatchesGetsNone() {
            assertThat(decide(manifest(OPENAI.formatted("Auto, server: VLLM, baseUrl: \"http://vllm\""))))
                    .isEqualTo(new CreateRun());
        }

        @Test
        void aCompleteRunNeedsItNoMoreAndAFailedOneDoes() {
            assertThat(decide(withFinalizer(OPENAI.formatted("Batch") + ENDED.formatted("Complete"))))
                    .isEqualTo(new RemoveFinalizer(Optional.empty()));
            assertThat(decide(withFinalizer(OPENAI.formatted("Batch") + ENDED.formatted("Failed"))))
                    .isEqualTo(new Nothing());
            assertThat(decide(manifest(OPENAI.formatted("Batch") + ENDED.formatted("Complete"))))
                    .isEqualTo(new Nothing());
        }

        @Test
        void whatDoesNotStartNeedsItNotYet() {
            String suspended = OPENAI.formatted("Batch") + "  suspend: true\n";

            assertThat(decide(manifest(suspended))).isEqualTo(new Nothing());
            assertThat(decide(manifest(suspended), job(manifest(OPENAI.formatted("Batch")))))
                    .isEqualTo(new AddFinalizer());
        }

        @Test
        void aRunIntoAnotherSinkIsNotedAsWell() {
            String elsewhere = OPENAI.formatted("Batch") + "  sink: {pgvector: {table: public.others}}\n";

            assertThat(decide(withFinalizer(elsewhere))).isEqualTo(new AddFinalizer());
            assertThat(decide(withFinalizer(OPENAI.formatted("Batch") + "  runNonce: 2\n")))
                    .isEqualTo(new CreateRun());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{spec: {sink: {pgvector: {table: public.others}}}}",
                    "{spec: {sink: {pgvector: {connection: {secretKeyRef: {name: others, key: uri}}}}}}",
                    "{spec: {embedder: {openai: null, onnx: {model: {bundled: all-minilm-l6-v2}}}}}"
                })
        void aCompleteRunDoesNotSpeakForBatchesThatItCouldNotTakeOver(String change) {
            EmbeddingJob first = withFinalizer(OPENAI.formatted("Batch"));
            EmbeddingJob second = TestingManifest.changed(first, change);
            second.getMetadata().getAnnotations().put(BatchFinalizer.SINKS, BatchFinalizer.sinksWithOwn(second));
            EmbeddingJob complete = TestingManifest.changed(second, ENDED.formatted("Complete"));

            assertThat(decide(complete)).isEqualTo(new Nothing());
        }

        private EmbeddingJob withFinalizer(String patch) {
            EmbeddingJob manifest = manifest(patch);
            manifest.getMetadata().setFinalizers(List.of("embedding-operator.io/cancel-batches"));
            manifest.getMetadata()
                    .setAnnotations(new HashMap<>(Map.of(
                            BatchFinalizer.SINKS, BatchFinalizer.sinksWithOwn(manifest(OPENAI.formatted("Batch"))))));
            return manifest;
        }
    }

    @Nested
    final class WithABudget {
        private final EmbeddingJob manifest = manifest("spec: {budget: {maxCostUsd: '25.00'}}");
        private final Job job = job(manifest);

        @Test
        void aUsedUpBudgetPausesTheJob() {
            assertThat(decideOutOfMoney(manifest, job)).isEqualTo(new PauseAtBudget("25.00"));
        }

        @Test
        void theJobStaysPausedWhileTheBudgetIsTheSame() {
            assertThat(decide(manifest, pausedAt("25"))).isEqualTo(new Nothing());
            assertThat(decideOutOfMoney(manifest, pausedAt("25"))).isEqualTo(new Nothing());
        }

        @ParameterizedTest
        @ValueSource(strings = {"spec: {budget: {maxCostUsd: '25.01'}}", "spec: {budget: null}"})
        void anotherBudgetResumesTheJob(String change) {
            assertThat(decide(manifest(change), pausedAt("25.00"))).isEqualTo(new Resume());
        }

        @Test
        void aJobThatIsResumedByHandSpendsNoMore() {
            Job resumed = new JobBuilder(pausedAt("25.00"))
                    .editSpec()
                    .withSuspend(false)
                    .endSpec()
                    .build();

            assertThat(decide(manifest, resumed)).isEqualTo(new Suspend());
        }

        @Test
        void suspendWins() {
            EmbeddingJob suspended = manifest("spec: {suspend: true, budget: {maxCostUsd: '50'}}");

            assertThat(decideOutOfMoney(suspended, job)).isEqualTo(new Suspend());
            assertThat(decide(suspended, pausedAt("25.00"))).isEqualTo(new Nothing());
        }

        @Test
        void whatKueueStartsIsNotPaused() {
            EmbeddingJob queued = manifest(QUEUED + "spec: {budget: {maxCostUsd: '25.00'}}");

            assertThat(decideOutOfMoney(queued, job(queued))).isEqualTo(new Nothing());
        }

        private Job pausedAt(String usd) {
            return new JobBuilder(job)
                    .editMetadata()
                    .addToAnnotations("embedding-operator.io/paused-at-budget", usd)
                    .endMetadata()
                    .editSpec()
                    .withSuspend(true)
                    .endSpec()
                    .build();
        }
    }

    @Nested
    final class AfterARun {
        private final EmbeddingJob unrecorded = manifest("spec: {podRetentionSeconds: 60}");
        private final Job finished = with(job(unrecorded), "Complete");

        @Test
        void aJobWhoseOutcomeIsNotYetInTheStatusStays() {
            assertThat(decide(unrecorded, finished)).isEqualTo(new Nothing());
        }

        @Test
        void aJobThatEndedWellWithoutTheRunBeingCompleteStartsAgain() {
            assertThat(decideToRestart(unrecorded, finished)).isEqualTo(new RestartRun(finished));
            assertThat(decideToRestart(unrecorded, deleting(finished))).isInstanceOf(Wait.class);
        }

        @Test
        void aSuspendedOneDoesNotNorDoesOneWhoseEndIsRecorded() {
            assertThat(decideToRestart(manifest("spec: {suspend: true}"), finished))
                    .isEqualTo(new Nothing());
            assertThat(decideToRestart(manifest(ENDED.formatted("Complete")), finished))
                    .isInstanceOf(Expire.class);
        }

        @Test
        void aJobWhoseOutcomeIsInTheStatusExpires() {
            EmbeddingJob recorded = manifest("spec: {podRetentionSeconds: 60}\n" + ENDED.formatted("Complete"));

            assertThat(decide(recorded, finished)).isEqualTo(new Expire(finished, 60));
        }

        @Test
        void aChangedTimeToLiveStillApplies() {
            EmbeddingJob recorded = manifest("spec: {podRetentionSeconds: 60}\n" + ENDED.formatted("Complete"));

            assertThat(decide(recorded, expiring(finished, 60))).isEqualTo(new Nothing());
            assertThat(decide(recorded, expiring(finished, 5))).isEqualTo(new Expire(expiring(finished, 5), 60));
        }

        @Test
        void suspendAndParallelismComeTooLate() {
            EmbeddingJob late = manifest("spec: {suspend: true, sharding: {parallelism: 5}}");

            assertThat(decide(late, with(job(manifest("{}")), "Failed"))).isEqualTo(new Nothing());
        }
    }

    @Nested
    final class BetweenRuns {
        private final EmbeddingJob manifest = manifest("spec: {runNonce: 2}");
        private final Job older = job(manifest("{}"));

        @Test
        void anOlderRunThatWorksIsStoppedFirst() {
            assertThat(Decision.of(manifest, Optional.empty(), List.of(older), false, false))
                    .isEqualTo(new StopOlderRun(older));
        }

        @Test
        void theNewRunWaitsUntilTheOlderIsGone() {
            assertThat(Decision.of(manifest, Optional.empty(), List.of(deleting(older)), false, false))
                    .isEqualTo(new Wait("the Job wiki-1 of an earlier run is stopping"));
        }

        @Test
        void anOlderRunIsStoppedEvenWhenTheNewOneIsSuspended() {
            assertThat(Decision.of(
                            manifest("spec: {runNonce: 2, suspend: true}"),
                            Optional.empty(),
                            List.of(older),
                            false,
                            false))
                    .isEqualTo(new StopOlderRun(older));
        }

        @Test
        void ofTheRunsOfAScheduleTheLatestFewStay() {
            EmbeddingJob scheduled =
                    manifest("spec: {refresh: {schedule: 0 * * * *, historyLimit: 1}}\n" + ENDED.formatted("Complete"));
            Job latest = created(with(older, "Complete"), "2026-11-30T09:00:00Z");
            Job first = created(with(older, "Failed"), "2026-11-30T08:00:00Z");

            assertThat(decide(scheduled, List.of(first, latest))).isEqualTo(new Expire(latest, 86_400));
            assertThat(decide(scheduled, List.of(first, expiring(latest, 86_400))))
                    .isEqualTo(new Expire(first, 0));
            assertThat(decide(scheduled, List.of(expiring(first, 0), expiring(latest, 86_400))))
                    .isEqualTo(new Nothing());
        }

        private static NextAction decide(EmbeddingJob manifest, List<Job> olderRuns) {
            return Decision.of(manifest, Optional.empty(), olderRuns, false, false);
        }

        private static Job created(Job job, String at) {
            return new JobBuilder(job)
                    .editMetadata()
                    .withCreationTimestamp(at)
                    .endMetadata()
                    .build();
        }

        @Test
        void anOlderRunThatEndedIsNotInTheWayAndExpires() {
            Job ended = with(older, "Failed");

            assertThat(Decision.of(manifest, Optional.empty(), List.of(ended), false, false))
                    .isEqualTo(new CreateRun());
            assertThat(Decision.of(manifest, Optional.of(job(manifest)), List.of(ended), false, false))
                    .isEqualTo(new Expire(ended, 86_400));
        }
    }

    @Nested
    final class UnderKueue {
        private final Job queued = job(manifest(QUEUED));

        @Test
        void whatKueueStartsAndScalesIsLeftAlone() {
            Job admitted = new JobBuilder(queued)
                    .editSpec()
                    .withSuspend(false)
                    .withParallelism(1)
                    .endSpec()
                    .build();

            assertThat(decide(manifest(QUEUED), queued)).isEqualTo(new Nothing());
            assertThat(decide(manifest(QUEUED), admitted)).isEqualTo(new Nothing());
        }

        @Test
        void suspendTakesTheJobOutOfTheQueue() {
            assertThat(decide(manifest(QUEUED + "spec: {suspend: true}"), queued))
                    .isEqualTo(new DeleteSuspended(queued));
        }

        @Test
        void resumePutsItBackIntoTheQueue() {
            assertThat(decide(manifest(QUEUED))).isEqualTo(new CreateRun());
        }

        @Test
        void aFinishedJobIsKeptWhenItIsSuspendedTooLate() {
            assertThat(decide(manifest(QUEUED + "spec: {suspend: true}"), with(queued, "Complete")))
                    .isEqualTo(new Nothing());
        }

        @Test
        void aQueueThatIsNamedInMidRunIsForTheNextRun() {
            Job unqueued = job(manifest("{}"));

            assertThat(decide(manifest(QUEUED + "spec: {suspend: true}"), unqueued))
                    .isEqualTo(new Suspend());
        }
    }

    private static NextAction decide(EmbeddingJob manifest) {
        return Decision.of(manifest, Optional.empty(), List.of(), false, false);
    }

    private static NextAction decide(EmbeddingJob manifest, Job current) {
        return Decision.of(manifest, Optional.of(current), List.of(), false, false);
    }

    private static NextAction decideToRestart(EmbeddingJob manifest, Job current) {
        return Decision.of(manifest, Optional.of(current), List.of(), false, true);
    }

    private static NextAction decideOutOfMoney(EmbeddingJob manifest, Job current) {
        return Decision.of(manifest, Optional.of(current), List.of(), true, false);
    }

    private static EmbeddingJob manifest(String patch) {
        return TestingManifest.wiki(patch);
    }

    private static Job job(EmbeddingJob manifest) {
        return RunnerJob.desired(manifest, TestingImages.IMAGES);
    }

    private static Job deleting(Job job) {
        return new JobBuilder(job)
                .editMetadata()
                .withDeletionTimestamp("2026-11-01T00:00:00Z")
                .endMetadata()
                .build();
    }

    private static Job expiring(Job job, int ttlSeconds) {
        return new JobBuilder(job)
                .editSpec()
                .withTtlSecondsAfterFinished(ttlSeconds)
                .endSpec()
                .build();
    }

    private static Job with(Job job, String condition) {
        return new JobBuilder(job)
                .withNewStatus()
                .addNewCondition()
                .withType(condition)
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }
}
