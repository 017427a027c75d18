package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.Recall;
import io.embeddingoperator.api.contract.Progress.Waiting;
import io.embeddingoperator.api.contract.Progress.Whole;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RecallStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RefreshStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.ShardCounts;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class StatusDecisionTest {
    private static final String UNAVAILABLE = "the sink's database does not answer";

    @Test
    void tellsWhatIsWaitedForWhenANodeIsLost() {
        TestingPod lost = TestingPod.running(0)
                .onNode("node-2")
                .condition("DisruptionTarget", "True", "DeletionByTaintManager", "taint", 60)
                .leaving();
        TestingRun run = TestingRun.started(2)
                .pod(lost)
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 10))
                .at(TestingRun.NOW.plusSeconds(31));
        TestingRun alone = TestingRun.started(1).pod(lost).at(TestingRun.NOW.plusSeconds(31));

        assertThat(run.line())
                .startsWith(
                        "Running: shard 0 waits: the old pod was told to end, its node node-2 does not say that it has")
                .contains("kubectl delete node node-2")
                .endsWith("1 of 2 shards at work, 0 done");
        assertThat(alone.line()).startsWith("NodeLost: shard 0 waits: the old pod was told to end");
        assertThat(alone.condition(ConditionType.Reconciling).getStatus()).isEqualTo("True");
    }

    @Test
    void tellsWhichNodeHoldsUpASuspension() {
        TestingRun run = TestingRun.started(1)
                .suspend()
                .jobSuspendedBySpec()
                .pod(TestingPod.running(0).onNode("node-2").leaving());

        assertThat(run.line()).isEqualTo("Stopping: spec.suspend is true: 1 runner pod may still write a checkpoint");
        assertThat(run.at(TestingRun.NOW.plusSeconds(31)).line()).contains("kubectl delete node node-2");
    }

    @Test
    void tellsWhereToLookWhenAJobDoesNotGo() {
        TestingRun deleted = TestingRun.started(1)
                .job(job -> job.editMetadata()
                        .withDeletionTimestamp(TestingRun.NOW.toString())
                        .endMetadata());
        TestingRun next = TestingRun.manifest(1).run(2).olderRun(deleted.seen().job());

        assertThat(next.line())
                .isEqualTo("Stopping: another run is being stopped before run 2 starts; what it embedded stays");
        assertThat(next.at(TestingRun.NOW.plusSeconds(61)).line())
                .contains("kubectl get pods -n corpus -l batch.kubernetes.io/job-name=articles-1");
        assertThat(deleted.at(TestingRun.NOW.plusSeconds(61)).line())
                .contains("kubectl get pods -n corpus -l batch.kubernetes.io/job-name=articles-1");
    }

    private static Progress finalProgress(int shard, String sentence) {
        return TestingProgress.embedding(shard, 400)
                .phase(Phase.Failed)
                .message(sentence)
                .said();
    }

    private static TestingPod failed(int shard) {
        return TestingPod.failed(shard, 75, finalProgress(shard, UNAVAILABLE));
    }

    @Test
    void aTableThatIsKeptCurrentIsReadyWhileItsNextRunGoesItsWay() {
        // given a run that is complete
        TestingRun run = TestingRun.started(1).refresh("0 * * * *").complete();
        EmbeddingJobStatus complete = run.status();
        assertThat(complete.refresh())
                .as("the next hour of the status's clock")
                .isEqualTo(new RefreshStatus(
                        complete.startTime(),
                        null,
                        null,
                        Instant.parse(complete.startTime())
                                .plus(Duration.ofHours(1))
                                .truncatedTo(ChronoUnit.HOURS)
                                .toString()));

        // when the schedule starts the next one
        EmbeddingJobStatus next =
                StatusDecision.scheduled(run.before(complete).manifest(), new CountedRun(2, 1), TestingRun.NOW);

        // then the table is there as before, and no run is taken for one that has ended
        assertThat(TestingRun.condition(next, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertThat(TestingRun.condition(next, ConditionType.Ready).getReason()).isEqualTo("Pending");
        assertThat(TestingRun.condition(next, ConditionType.Reconciling).getStatus())
                .isEqualTo("False");
        assertThat(TestingRun.condition(next, ConditionType.Complete).getStatus())
                .isEqualTo("False");
        assertThat(next.run()).isEqualTo(2);
        assertThat(next.refresh())
                .isEqualTo(new RefreshStatus(complete.startTime(), TestingRun.NOW.toString(), 2, null));
    }

    @Test
    void aRunThatAPersonStartsIsWaitedForAlsoWhereAScheduleStartsOthers() {
        EmbeddingJobStatus complete =
                TestingRun.started(1).refresh("0 * * * *").complete().status();

        EmbeddingJobStatus next = StatusDecision.counted(
                TestingRun.manifest(1).refresh("0 * * * *").before(complete).manifest(),
                new CountedRun(2, 7),
                TestingRun.NOW);

        assertThat(TestingRun.condition(next, ConditionType.Ready).getStatus()).isEqualTo("False");
        assertThat(TestingRun.condition(next, ConditionType.Reconciling).getStatus())
                .isEqualTo("True");
    }

    @Test
    void aRunOfAScheduleThatIsInTroubleAsksForAPerson() {
        EmbeddingJobStatus complete =
                TestingRun.started(1).refresh("0 * * * *").complete().status();
        TestingRun troubled = TestingRun.manifest(1).refresh("0 * * * *").before(complete);

        EmbeddingJobStatus blocked = StatusDecision.blocked(
                scheduled(troubled, complete), TestingRun.NOW, "the namespace does not admit its pods");

        assertThat(TestingRun.condition(blocked, ConditionType.Ready).getStatus())
                .isEqualTo("False");
        assertThat(TestingRun.condition(blocked, ConditionType.Ready).getReason())
                .isEqualTo("Blocked");
    }

    private static EmbeddingJob scheduled(TestingRun run, EmbeddingJobStatus before) {
        EmbeddingJob manifest = run.manifest();
        manifest.setStatus(
                StatusDecision.scheduled(run.before(before).manifest(), new CountedRun(2, 1), TestingRun.NOW));
        return manifest;
    }

    @Test
    void aScheduleThatCannotBeReadIsToldBesideTheEndOfTheRunAndForgottenOnceItIsCorrected() {
        // given
        EmbeddingJobStatus complete =
                TestingRun.started(1).refresh("61 * * * *").complete().status();
        assertThat(complete.refresh().nextScheduleTime()).isNull();
        EmbeddingJob manifest =
                TestingRun.manifest(1).refresh("61 * * * *").before(complete).manifest();

        // when
        EmbeddingJobStatus refused = StatusDecision.refused(
                manifest,
                TestingRun.NOW,
                new SpecificationProblem(SpecificationProblem.Reason.InvalidSpecification, "no such minute"));

        // then
        assertThat(TestingRun.condition(refused, ConditionType.Ready).getReason())
                .isEqualTo("InvalidSpecification");
        assertThat(TestingRun.condition(refused, ConditionType.Stalled).getStatus())
                .isEqualTo("True");
        assertThat(TestingRun.condition(refused, ConditionType.Complete))
                .isEqualTo(TestingRun.condition(complete, ConditionType.Complete));

        // and when it is corrected, also once the Job is gone
        EmbeddingJobStatus corrected =
                TestingRun.manifest(1).refresh("1 * * * *").before(refused).status();
        assertThat(TestingRun.condition(corrected, ConditionType.Ready).getStatus())
                .isEqualTo("True");
        assertThat(TestingRun.condition(corrected, ConditionType.Ready).getMessage())
                .isEqualTo(TestingRun.condition(complete, ConditionType.Ready).getMessage());
    }

    @Test
    void isPendingBeforeThereIsAJob() {
        TestingRun run = TestingRun.manifest(2);

        assertThat(run.line()).isEqualTo("Pending: the Job of run 1 is about to be created");
        assertThat(run.status().shards()).isEqualTo(new ShardCounts(2, 0, 0, 0));
        assertThat(run.status().documents().percent()).isZero();
    }

    @Test
    void isPendingWhilePodsStart() {
        assertThat(TestingRun.started(2).line()).isEqualTo("Pending: the pods are being created");
        assertThat(TestingRun.started(2)
                        .pod(TestingPod.pending(0))
                        .pod(TestingPod.pending(1))
                        .line())
                .isEqualTo("Pending: 2 pods are starting");
        assertThat(TestingRun.started(1)
                        .pod(TestingPod.pending(0).condition("PodScheduled", "True", null, null, 20))
                        .line())
                .isEqualTo("Pending: 1 pod is starting: a node pulls images and mounts volumes first");
    }

    @Test
    void saysWhereToLookWhenKubernetesMakesNoPods() {
        TestingRun run = TestingRun.started(1)
                .before(TestingRun.started(1).status())
                .at(TestingRun.NOW.plus(Duration.ofMinutes(5)));

        assertThat(run.line())
                .isEqualTo(
                        "NoPods: Kubernetes makes no pods for the Job: most often a quota, an admission webhook or a"
                                + " missing service account is in the way; kubectl describe job articles-1 -n corpus tells which");
    }

    @Test
    void doesNotSuspectKubernetesWhenThePodsOfAnOldRunAreGoneForAMoment() {
        EmbeddingJobStatus running =
                TestingRun.started(1).pod(TestingPod.running(0)).status();
        TestingRun run = TestingRun.started(1).before(running).at(TestingRun.NOW.plus(Duration.ofHours(5)));

        assertThat(run.line()).isEqualTo("Pending: the pods are being created");
    }

    @Test
    void runsAndTellsHowManyShardsAreDone() {
        TestingRun run = TestingRun.started(3)
                .completedIndexes("0")
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 10))
                .pod(TestingPod.running(2), TestingProgress.embedding(2, 20));

        assertThat(run.line()).isEqualTo("Running: 2 of 3 shards at work, 1 done");
        assertThat(run.status().shards()).isEqualTo(new ShardCounts(3, 2, 1, 0));
    }

    @Test
    void staysRunningBetweenTwoShards() {
        TestingRun run = TestingRun.started(3)
                .completedIndexes("0")
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(TestingPod.pending(1));

        assertThat(run.line()).isEqualTo("Running: 0 of 3 shards at work, 1 done, 1 pod is starting");
    }

    @Test
    void staysRunningWhileTheNextPodOfARetriedShardStarts() {
        EmbeddingJobStatus retrying = TestingRun.started(1).pod(failed(0)).status();

        TestingRun run = TestingRun.started(1)
                .before(retrying)
                .pod(failed(0).created(TestingRun.NOW.minusSeconds(50)))
                .pod(TestingPod.pending(0).named("articles-1-0-later").created(TestingRun.NOW));

        assertThat(run.line()).isEqualTo("Running: 1 pod is starting");
    }

    @Test
    void suspectsTheNetworkWhenNoRunnerAnswersForLong() {
        TestingRun run =
                TestingRun.started(1).pod(TestingPod.running(0).startedAt(TestingRun.NOW.minus(Duration.ofMinutes(3))));

        assertThat(run.line())
                .isEqualTo("Running: 1 of 1 shard at work, 0 done; no runner answers the operator, so the numbers stand"
                        + " still: it still plans, or a NetworkPolicy keeps the operator from its port");
    }

    @Test
    void tellsThatTheIndexIsBeingBuilt() {
        TestingRun run = TestingRun.started(2)
                .completedIndexes("0")
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(TestingPod.running(1), TestingProgress.complete(1).phase(Phase.Indexing));

        assertThat(run.line())
                .isEqualTo("Indexing: every document is through, and the index of public.article_embeddings is being"
                        + " built");
        assertThat(run.status().documents().percent()).isEqualTo(99);
    }

    @Test
    void tellsWhatAllRunnersWaitFor() {
        TestingRun run = TestingRun.started(3)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 10)
                                .waiting(Waiting.Reason.BatchesPending, "2 batches are at work at OpenAI"))
                .pod(
                        TestingPod.running(1),
                        TestingProgress.embedding(1, 10)
                                .waiting(Waiting.Reason.BatchesPending, "2 batches are at work at OpenAI"));

        assertThat(run.line())
                .isEqualTo("BatchesPending: shards 0 and 1 wait: 2 batches are at work at OpenAI;"
                        + " 2 of 3 shards at work, 0 done");
        Condition reconciling = run.condition(ConditionType.Reconciling);
        assertThat(reconciling.getStatus()).isEqualTo("True");
        assertThat(reconciling.getReason()).isEqualTo("BatchesPending");
    }

    @Test
    void runsAsLongAsOneRunnerWorksAndTellsWhatTheOthersWaitFor() {
        TestingRun run = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 10))
                .pod(
                        TestingPod.running(1),
                        TestingProgress.embedding(1, 10)
                                .waiting(
                                        Waiting.Reason.RateLimited,
                                        "https://user:secret@api.example asks for a pause of 40 s"));

        assertThat(run.line())
                .isEqualTo("Running: shard 1 waits: https://***@api.example asks for a pause of 40 s;"
                        + " 2 of 2 shards at work, 0 done");
    }

    @Test
    void tellsFirstWhatAPersonCanMend() {
        TestingRun run = TestingRun.started(4)
                .pod(TestingPod.running(0), waiting(0, Waiting.Reason.BatchesPending))
                .pod(TestingPod.running(1), waiting(1, Waiting.Reason.BatchesPending))
                .pod(TestingPod.running(2), waiting(2, Waiting.Reason.ProviderUnavailable))
                .pod(TestingPod.running(3), waiting(3, Waiting.Reason.BatchQueueFull));

        assertThat(run.line())
                .startsWith("ProviderUnavailable: shard 2 waits: ProviderUnavailable; shards 0 and 1 wait");
    }

    private static TestingProgress waiting(int shard, Waiting.Reason reason) {
        return TestingProgress.embedding(shard, 10).waiting(reason, reason.name());
    }

    @Test
    void aUsedUpBudgetIsNoFailure() {
        TestingRun run = TestingRun.started(2)
                .budget("25.00")
                .pod(paused(0))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 10));

        assertThat(run.line())
                .isEqualTo(
                        "Running: shard 0 waits: 24.99 of 25.00 are spent: raise or remove the budget, and the run goes on from its checkpoint; 1 of 2 shards at work, 0 done");
        assertThat(run.status().shards().failed()).isZero();
    }

    @Test
    void pausesWhereTheBudgetIsUsedUp() {
        TestingRun leaving = TestingRun.started(2)
                .budget("25.00")
                .jobPausedAt("25.00")
                .pod(paused(0))
                .pod(TestingPod.running(1).leaving());
        TestingRun gone =
                TestingRun.started(2).budget("25.00").jobPausedAt("25.00").pod(paused(0));

        assertThat(leaving.line())
                .isEqualTo("Stopping: the budget is used up: 1 runner pod may still write a checkpoint");
        String sentence =
                "24.99 of 25.00 are spent: raise or remove the budget, and the run goes on from its checkpoint";
        assertThat(gone.line()).isEqualTo("BudgetExhausted: " + sentence);
        Condition suspended = gone.condition(ConditionType.Suspended);
        assertThat(suspended.getStatus()).isEqualTo("True");
        assertThat(suspended.getReason()).isEqualTo("BudgetExhausted");
        assertThat(suspended.getMessage()).isEqualTo(sentence);
        assertThat(gone.condition(ConditionType.Failed).getStatus()).isEqualTo("False");
        assertThat(gone.condition(ConditionType.Stalled).getStatus()).isEqualTo("False");

        // and the sentence stays when the pod is cleaned up
        assertThat(TestingRun.started(2)
                        .budget("25.00")
                        .jobPausedAt("25.00")
                        .before(gone.status())
                        .line())
                .isEqualTo("BudgetExhausted: " + sentence);
    }

    @Test
    void saysWhatItKnowsOfTheMoneyWhenNoRunnerSaidWhyItPaused() {
        TestingRun run = TestingRun.started(1)
                .budget("25.00")
                .jobPausedAt("25.00")
                .heardOf(
                        "articles-1-0-gone",
                        TestingProgress.embedding(0, 10)
                                .whole(new Whole(
                                        new Counts(10, 10, 0, 0, 20, 1_000, 0, 0, 0), 0, "24.98", null, null)));

        assertThat(run.line())
                .isEqualTo("BudgetExhausted: the run has cost 24.98 of the 25.00 US dollars that spec.budget.maxCostUsd"
                        + " allows; raise or remove the budget, and the run goes on from its checkpoint");
    }

    @Test
    void saysWhyMoreWasSpentThanALoweredBudgetAllows() {
        TestingRun run = TestingRun.started(1)
                .budget("10.00")
                .jobPausedAt("10.00")
                .heardOf(
                        "articles-1-0-gone",
                        TestingProgress.embedding(0, 10)
                                .whole(new Whole(
                                        new Counts(10, 10, 0, 0, 20, 1_000, 0, 0, 0), 0, "12.34", null, null)));

        assertThat(run.line())
                .isEqualTo("BudgetExhausted: the run has cost 12.34 US dollars, more than the 10.00 that"
                        + " spec.budget.maxCostUsd allows now: pods at work keep to the budget that they started with, so they"
                        + " were stopped once a lower one was seen to be reached; raise or remove the budget, and the run"
                        + " goes on from its checkpoint");
    }

    @Test
    void goesOnWithAnotherBudgetAndIsSuspendedAllTheSameWhenThatIsAskedFor() {
        assertThat(TestingRun.started(1).budget("30").jobPausedAt("25.00").line())
                .isEqualTo("Pending: the Job is about to be resumed");
        assertThat(TestingRun.started(1).jobPausedAt("25.00").line())
                .isEqualTo("Pending: the Job is about to be resumed");
        assertThat(TestingRun.started(1)
                        .budget("25.0")
                        .jobPausedAt("25.00")
                        .suspend()
                        .line())
                .startsWith("Suspended: spec.suspend is true");
    }

    private static TestingPod paused(int shard) {
        return TestingPod.failed(
                shard,
                66,
                TestingProgress.embedding(shard, 400)
                        .phase(Phase.Paused)
                        .message(
                                "24.99 of 25.00 are spent: raise or remove the budget, and the run goes on from its checkpoint")
                        .said());
    }

    @Test
    void waitsForAMissingSecretWithoutCallingItStalled() {
        TestingRun run = TestingRun.started(2)
                .pod(TestingPod.waiting(0, "CreateContainerConfigError", "secret \"vectors\" not found"))
                .pod(TestingPod.waiting(1, "CreateContainerConfigError", "secret \"vectors\" not found"));

        assertThat(run.line())
                .isEqualTo("MissingSecret: shards 0 and 1 wait: Secret vectors does not exist in namespace corpus:"
                        + " create it with the key uri, and the pods start by themselves");
        assertThat(run.condition(ConditionType.Reconciling).getStatus()).isEqualTo("True");
        assertThat(run.condition(ConditionType.Stalled).getStatus()).isEqualTo("False");
    }

    @Test
    void runsOnWhileOneShardFindsNoGpu() {
        TestingRun run = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 10))
                .pod(TestingPod.unschedulable(1, "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."));

        assertThat(run.line())
                .startsWith("Running: shard 1 waits: no node has 1 nvidia.com/gpu free")
                .endsWith("; 1 of 2 shards at work, 0 done");
    }

    @Test
    void runsOnWhileTheOnlyGpuGoesFromOneShardToTheNext() {
        TestingRun run = TestingRun.started(2)
                .completedIndexes("0")
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()).endedBefore(3))
                .pod(TestingPod.unschedulable(1, "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."));

        assertThat(run.line()).startsWith("Running: shard 1 waits: no node has 1 nvidia.com/gpu free");

        // and when the scheduler gives it no GPU
        assertThat(run.at(TestingRun.NOW.plusSeconds(8)).line())
                .startsWith("Unschedulable: shard 1 waits: no node has 1 nvidia.com/gpu free");
    }

    @Test
    void retriesAShardAndSaysWhy() {
        TestingRun run = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 10))
                .pod(failed(1));

        assertThat(run.line())
                .isEqualTo("Retrying: shard 1 failed and is tried again: " + UNAVAILABLE
                        + "; 1 of 2 shards at work, 0 done");
        assertThat(run.condition(ConditionType.Reconciling).getStatus()).isEqualTo("True");
        assertThat(run.condition(ConditionType.Failed).getStatus()).isEqualTo("False");
    }

    @Test
    void forgetsAFailureOnceTheNextPodOfTheShardRuns() {
        TestingRun run = TestingRun.started(1)
                .pod(failed(0).created(TestingRun.NOW.minusSeconds(50)))
                .pod(
                        TestingPod.running(0)
                                .named("articles-1-0-later")
                                .attempt(2)
                                .created(TestingRun.NOW.minusSeconds(10)),
                        TestingProgress.embedding(0, 500));

        assertThat(run.line()).isEqualTo("Running: 1 of 1 shard at work, 0 done");
    }

    @Test
    void movesAShardOfADrainedNodeWithoutCallingItAFailure() {
        TestingRun run = TestingRun.started(1)
                .pod(TestingPod.failed(0, 143, finalProgress(0, "stopped"))
                        .condition("DisruptionTarget", "True", "EvictionByEvictionAPI", "", 5));

        assertThat(run.line()).isEqualTo("Pending: shard 0 starts again elsewhere: its node was drained");
    }

    @Test
    void waitsForTheOldPodOfANodeThatFellSilent() {
        TestingRun run = TestingRun.started(1)
                .pod(TestingPod.running(0)
                        .onNode("node-2")
                        .condition("DisruptionTarget", "True", "DeletionByTaintManager", "taint", 90)
                        .leaving());

        assertThat(run.line())
                .isEqualTo("Pending: shard 0 starts again elsewhere once the old pod has ended: its node stopped"
                        + " answering, or was tainted");
    }

    @Test
    void startsAShardAgainWhosePodWasDeletedByHand() {
        TestingRun run = TestingRun.started(1)
                .pod(TestingPod.failed(0, 143, finalProgress(0, "stopped after a clean checkpoint")));

        assertThat(run.line()).isEqualTo("Pending: shard 0 starts again elsewhere: stopped after a clean checkpoint");
    }

    @Test
    void announcesAFailureWhileTheOtherShardsGoOn() {
        TestingRun run = TestingRun.started(3)
                .failedIndexes("1")
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 10))
                .pod(failed(1).attempt(7))
                .pod(TestingPod.running(2), TestingProgress.embedding(2, 10));

        assertThat(run.line())
                .isEqualTo("Failing: shard 1 failed after 7 attempts: " + UNAVAILABLE
                        + "; 2 of 3 shards at work, 0 done, then the run ends as failed");
        assertThat(run.condition(ConditionType.Failed).getStatus()).isEqualTo("False");
        assertThat(run.status().shards()).isEqualTo(new ShardCounts(3, 2, 0, 1));
    }

    @Test
    void failsWithTheShardAndTheSentenceOfItsRunner() {
        TestingRun run = TestingRun.started(3)
                .completedIndexes("0,2")
                .failedIndexes("1")
                .jobFailed("FailedIndexes", "Job has failed indexes")
                .pod(failed(1).attempt(7));

        Condition failed = run.condition(ConditionType.Failed);
        assertThat(failed.getReason()).isEqualTo("ShardFailed");
        assertThat(failed.getMessage())
                .isEqualTo("shard 1 failed after 7 attempts: " + UNAVAILABLE
                        + "; what is embedded stays: change spec.runNonce to go on with the rest");
        assertThat(run.line()).isEqualTo("Failed: " + failed.getMessage());
        assertThat(run.condition(ConditionType.Stalled).getStatus()).isEqualTo("True");
        assertThat(run.status().completionTime()).isEqualTo(TestingRun.NOW.toString());
    }

    @Test
    void failsAtOnceOnABadSpecification() {
        TestingRun run = TestingRun.started(2)
                .pod(TestingPod.failed(
                        0,
                        64,
                        Progress.unplanned(
                                new Progress.Process("corpus/articles", 1, 0),
                                "spec.source.postgres.table: no articles")))
                .pod(TestingPod.running(1));
        String sentence = "spec.source.postgres.table: no articles";

        assertThat(run.line())
                .isEqualTo("Failing: " + sentence + "; the run ends as failed once its pods have stopped");

        run.jobFailed("PodFailurePolicy", "Container runner for pod corpus/articles-1-0 failed with exit code 64");

        assertThat(run.condition(ConditionType.Failed).getReason()).isEqualTo("BadSpecification");
        assertThat(run.line()).isEqualTo("Failed: " + sentence + "; correct it, and change spec.runNonce to run again");
    }

    @Test
    void failsWithTooManyFailedDocuments() {
        String sentence = "3 documents failed, more than spec.failurePolicy.maxFailedDocuments (0) allows";
        TestingRun run = TestingRun.started(2)
                .completedIndexes("0")
                .failedIndexes("1")
                .jobFailed("FailedIndexes", "Job has failed indexes")
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(TestingPod.failed(1, 65, finalProgress(1, sentence)));

        assertThat(run.condition(ConditionType.Failed).getReason()).isEqualTo("TooManyFailedDocuments");
        assertThat(run.line())
                .isEqualTo("Failed: " + sentence
                        + "; correct or remove them, or raise the limit, and change spec.runNonce to run again");
    }

    @Test
    void failsWithTheRemovalThatWasHeldBack() {
        String sentence = "900 of the 1,000 documents that this job has in public.vectors are gone from the source";
        TestingRun run = TestingRun.started(2)
                .completedIndexes("0")
                .failedIndexes("1")
                .jobFailed("FailedIndexes", "Job has failed indexes")
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(TestingPod.failed(1, 67, finalProgress(1, sentence)));

        assertThat(run.condition(ConditionType.Failed).getReason()).isEqualTo("OrphanLimitExceeded");
        assertThat(run.condition(ConditionType.Stalled).getStatus()).isEqualTo("True");
        assertThat(run.line())
                .isEqualTo("Failed: " + sentence + "; what is embedded stays: change spec.runNonce to run again");
    }

    @Test
    void failsWithWhatTheJobSaysWhenNoPodCan() {
        TestingRun run =
                TestingRun.started(1).jobFailed("DeadlineExceeded", "Job was active longer than specified deadline");

        assertThat(run.condition(ConditionType.Failed).getReason()).isEqualTo("DeadlineExceeded");
        assertThat(run.line()).startsWith("Failed: the Job failed: Job was active longer than specified deadline");
    }

    @Test
    void keepsTheSentenceOfAFailureWhenItsPodsAreGone() {
        EmbeddingJobStatus failed = TestingRun.started(1)
                .failedIndexes("0")
                .jobFailed("FailedIndexes", "Job has failed indexes")
                .pod(failed(0))
                .status();

        EmbeddingJobStatus later = TestingRun.started(1)
                .failedIndexes("0")
                .jobFailed("FailedIndexes", "Job has failed indexes")
                .before(failed)
                .status();

        assertThat(later).isEqualTo(failed);
    }

    @Test
    void completesWithItsCounts() {
        TestingRun run = TestingRun.started(2)
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .pod(TestingPod.succeeded(
                        1, TestingProgress.complete(1).documents(841, 159, 0).said()));

        assertThat(run.line())
                .isEqualTo("Complete: 1,841 documents embedded, 159 unchanged, 0 failed; 3,682 chunks written to"
                        + " public.article_embeddings");
        assertThat(run.condition(ConditionType.Ready).getStatus()).isEqualTo("True");
        EmbeddingJobStatus status = run.status();
        assertThat(status.documents().percent()).isEqualTo(100);
        assertThat(status.completionTime()).isEqualTo(TestingRun.NOW.toString());
        assertThat(status.tokensPerSecond()).isNull();
        assertThat(status.estimatedCompletionTime()).isNull();
    }

    @Test
    void completesWithWhatTheModelDoesNotSeeAsItIs() {
        TestingRun run = TestingRun.started(1)
                .jobComplete()
                .pod(TestingPod.succeeded(
                        0,
                        TestingProgress.complete(0)
                                .whole(new Whole(
                                        new Counts(1_000, 1_000, 0, 0, 2_000, 100_000, 3, 7, 0), 1, null, null, null))
                                .said()));

        assertThat(run.line())
                .isEqualTo("Complete: 1,000 documents embedded, 0 failed; 2,000 chunks written to"
                        + " public.article_embeddings; 3 of them were longer than the model takes and were cut; 7 of them are"
                        + " mostly of tokens that the model does not know: choose one for their languages");
    }

    @Test
    void completesWithWhatSearchesFind() {
        Recall measured = new Recall(0.984, 160, 0.9123, 40, 0.95, 100, "2026-11-20T20:59:59Z");

        TestingRun run = completeWith(measured);

        assertThat(run.line())
                .endsWith(
                        "; searches through the index find 98.4 % of the ten nearest chunks with hnsw.ef_search 160, and"
                                + " 91.2 % with the server's 40");
        assertThat(run.status().recall())
                .isEqualTo(new RecallStatus(0.984, 160, 0.9123, 40, 0.95, 100, "2026-11-20T20:59:59Z"));
        assertThat(completeWith(new Recall(0.981, 40, 0.981, 40, 0.95, 100, "2026-11-20T20:59:59Z"))
                        .line())
                .endsWith("; searches through the index find 98.1 % of the ten nearest chunks");
    }

    @Test
    void completesWithAnIndexThatFindsTooLittle() {
        assertThat(completeWith(new Recall(0.931, 1000, 0.62, 40, 0.95, 100, "2026-11-20T20:59:59Z"))
                        .line())
                .endsWith(
                        "find 93.1 % of the ten nearest chunks with hnsw.ef_search 1000, and 62.0 % with the server's 40,"
                                + " less than spec.sink.pgvector.index.targetRecall (95.0 %)");
    }

    @Test
    void whatSearchesFindIsToldUntilARunHasMeasuredAnew() {
        EmbeddingJobStatus before = completeWith(new Recall(0.98, 40, 0.98, 40, 0.95, 100, "2026-11-20T20:59:59Z"))
                .status();

        EmbeddingJobStatus next = TestingRun.started(1)
                .run(2)
                .before(before)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 10).run(2))
                .status();

        assertThat(next.run()).isEqualTo(2);
        assertThat(next.recall()).isEqualTo(before.recall()).isNotNull();
    }

    private static TestingRun completeWith(Recall measured) {
        return TestingRun.started(1)
                .jobComplete()
                .pod(TestingPod.succeeded(
                        0, TestingProgress.complete(0).recall(measured).said()));
    }

    @Test
    void completesWithFailuresThatWereAllowed() {
        TestingRun run = TestingRun.started(1)
                .maxFailedDocuments(5)
                .jobComplete()
                .pod(TestingPod.succeeded(
                        0, TestingProgress.complete(0).documents(997, 0, 3).said()));

        assertThat(run.line())
                .isEqualTo("Complete: 997 documents embedded, 3 failed (spec.failurePolicy.maxFailedDocuments allows 5;"
                        + " the reasons are in embedding_operator.failed_documents); 1,994 chunks written to"
                        + " public.article_embeddings");
    }

    @Test
    void saysAtLeastWhenTheFinalReportOfAShardIsLost() {
        TestingRun run = TestingRun.started(2)
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()));

        assertThat(run.line()).startsWith("Complete: at least 1,000 documents embedded, 0 failed");
    }

    @Test
    void keepsItsEndWhenTheJobIsGone() {
        EmbeddingJobStatus complete = TestingRun.started(1)
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .status();

        EmbeddingJobStatus later =
                TestingRun.manifest(1).generation(2).suspend().before(complete).status();

        assertThat(later.observedGeneration()).isEqualTo(2);
        assertThat(later.conditions())
                .allSatisfy(condition ->
                        assertThat(condition.getObservedGeneration()).isEqualTo(2));
        assertThat(TestingRun.line(later)).isEqualTo(TestingRun.line(complete));
        assertThat(later)
                .usingRecursiveComparison()
                .ignoringFields("observedGeneration", "conditions")
                .isEqualTo(complete);
    }

    @Test
    void keepsItsEndWhenACacheLagsBehind() {
        EmbeddingJobStatus complete = TestingRun.started(1)
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .status();

        EmbeddingJobStatus later = TestingRun.started(1)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 990))
                .before(complete)
                .status();

        assertThat(later).isEqualTo(complete);
    }

    @Test
    void stopsBeforeItIsSuspended() {
        TestingRun leaving = TestingRun.started(2)
                .suspend()
                .jobSuspended()
                .pod(TestingPod.running(0).leaving())
                .pod(TestingPod.running(1).leaving());

        assertThat(leaving.line())
                .isEqualTo("Stopping: spec.suspend is true: 2 runner pods may still write a checkpoint");
        assertThat(leaving.condition(ConditionType.Suspended).getStatus()).isEqualTo("False");

        TestingRun gone = TestingRun.started(2).suspend().jobSuspended();

        assertThat(gone.line())
                .isEqualTo("Suspended: spec.suspend is true: set it to false, and the run goes on from its checkpoint");
        assertThat(gone.condition(ConditionType.Suspended).getStatus()).isEqualTo("True");
        assertThat(gone.condition(ConditionType.Reconciling).getStatus()).isEqualTo("False");
    }

    @Test
    void isSuspendedBeforeItsFirstStart() {
        assertThat(TestingRun.manifest(2).suspend().line())
                .isEqualTo("Suspended: spec.suspend is true: set it to false, and the run starts");
    }

    @Test
    void waitsInAQueueOfKueue() {
        TestingRun run = TestingRun.started(1).jobSuspended().queued("gpus");

        assertThat(run.line())
                .isEqualTo(
                        "Queued: queue gpus of Kueue starts the run when it has quota: kubectl get workloads -n corpus");
        assertThat(run.condition(ConditionType.Suspended).getReason()).isEqualTo("Queued");
        assertThat(run.condition(ConditionType.Reconciling).getStatus()).isEqualTo("True");
    }

    @Test
    void makesWayWhenKueueTakesTheQuotaBack() {
        TestingRun run = TestingRun.started(1)
                .jobSuspended()
                .queued("gpus")
                .pod(TestingPod.running(0).leaving());

        assertThat(run.line())
                .isEqualTo("Stopping: Kueue took the quota back: 1 runner pod may still write a checkpoint");
    }

    @Test
    void tellsThatAnotherClientSuspendedTheJob() {
        TestingRun leaving =
                TestingRun.started(1).jobSuspended().pod(TestingPod.running(0).leaving());
        TestingRun gone = TestingRun.started(1).jobSuspended();

        assertThat(leaving.line())
                .isEqualTo(
                        "Stopping: a person or a controller such as Kueue suspended the Job articles-1: 1 runner pod may still write a checkpoint");
        assertThat(gone.line())
                .isEqualTo("Suspended: a person or a controller such as Kueue suspended the Job articles-1,"
                        + " and the run goes on from its checkpoint once the Job is resumed; by hand: kubectl patch job"
                        + " articles-1 -n corpus -p '{\"spec\":{\"suspend\":false}}'");
        assertThat(gone.condition(ConditionType.Suspended).getStatus()).isEqualTo("True");
        assertThat(gone.condition(ConditionType.Stalled).getStatus()).isEqualTo("False");
    }

    @Test
    void isPendingUntilASuspendedJobIsResumed() {
        assertThat(TestingRun.started(1).jobSuspendedBySpec().line())
                .isEqualTo("Pending: the Job is about to be resumed");
    }

    @Test
    void waitsForAnEarlierRunToStop() {
        TestingRun first = TestingRun.started(1);
        TestingRun second = TestingRun.manifest(1).run(2).olderRun(first.startedJob());

        assertThat(second.line())
                .isEqualTo("Stopping: another run is being stopped before run 2 starts; what it embedded stays");
    }

    @Test
    void doesNotWaitForAnEarlierRunThatEnded() {
        TestingRun first = TestingRun.started(1).jobComplete();
        TestingRun second = TestingRun.manifest(1).run(2).olderRun(first.seen().job());

        assertThat(second.line()).isEqualTo("Pending: the Job of run 2 is about to be created");
    }

    @Test
    void startsAgainAfterAPersonDeletedTheJob() {
        TestingRun run = TestingRun.started(1)
                .job(job -> job.editMetadata()
                        .withDeletionTimestamp(TestingRun.NOW.toString())
                        .endMetadata())
                .pod(TestingPod.running(0).leaving());

        assertThat(run.line())
                .isEqualTo(
                        "Pending: the Job of run 1 was deleted: once it is gone it is created again, and goes on from"
                                + " its checkpoint");
    }

    @Test
    void beginsAnewWithANewRun() {
        EmbeddingJobStatus first = TestingRun.started(1)
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .status();

        EmbeddingJobStatus second =
                TestingRun.manifest(1).run(2).generation(2).before(first).status();

        assertThat(second.run()).isEqualTo(2);
        assertThat(second.documents().embedded()).isZero();
        assertThat(second.completionTime()).isNull();
        assertThat(TestingRun.condition(second, ConditionType.Complete).getStatus())
                .isEqualTo("False");
    }

    @Test
    void keepsTheTimeOfATransitionUntilTheStatusTurns() {
        EmbeddingJobStatus pending = TestingRun.started(1).status();
        EmbeddingJobStatus running = TestingRun.started(1)
                .at(TestingRun.NOW.plusSeconds(10))
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 1))
                .before(pending)
                .status();
        EmbeddingJobStatus complete = TestingRun.started(1)
                .at(TestingRun.NOW.plusSeconds(20))
                .jobComplete()
                .pod(TestingPod.succeeded(0, TestingProgress.complete(0).said()))
                .before(running)
                .status();

        assertThat(TestingRun.condition(running, ConditionType.Ready).getLastTransitionTime())
                .isEqualTo("2026-11-20T21:00:00Z");
        assertThat(TestingRun.condition(complete, ConditionType.Ready).getLastTransitionTime())
                .isEqualTo("2026-11-20T21:00:20Z");
        assertThat(TestingRun.condition(complete, ConditionType.Failed).getLastTransitionTime())
                .isEqualTo("2026-11-20T21:00:00Z");
    }

    @Test
    void keepsTheStartOfARunThatWasSuspendedInBetween() {
        EmbeddingJobStatus running = TestingRun.started(1).status();
        EmbeddingJobStatus resumed = TestingRun.started(1)
                .job(job -> job.editStatus()
                        .withStartTime(TestingRun.NOW.plusSeconds(600).toString())
                        .endStatus())
                .before(running)
                .status();

        assertThat(resumed.startTime()).isEqualTo(running.startTime());
    }

    @Test
    void saysNothingNewWhenNothingIsNew() {
        TestingRun run = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 500).rate(48_321, 60L))
                .pod(TestingPod.running(1), TestingProgress.embedding(1, 500).rate(48_321, 60L));
        EmbeddingJobStatus first = run.status();

        EmbeddingJobStatus second =
                run.before(first).at(TestingRun.NOW.plusSeconds(3)).status();

        assertThat(second).isEqualTo(first);
    }

    @Test
    void stallsOnAManifestThatMakesNoPods() {
        EmbeddingJobStatus refused = StatusDecision.refused(
                TestingRun.manifest(1).manifest(),
                TestingRun.NOW,
                new SpecificationProblem(
                        SpecificationProblem.Reason.InvalidTemplate,
                        "spec.template.env sets EMBEDDING_SINK_URI: remove it"));

        assertThat(TestingRun.line(refused))
                .isEqualTo("InvalidTemplate: spec.template.env sets EMBEDDING_SINK_URI: remove it");
        assertThat(TestingRun.condition(refused, ConditionType.Stalled).getStatus())
                .isEqualTo("True");
        assertThat(TestingRun.condition(refused, ConditionType.Failed).getStatus())
                .isEqualTo("False");
    }

    @Test
    void stallsOnAManifestThatCannotBeRead() {
        EmbeddingJob manifest = TestingRun.manifest(1)
                .before(TestingRun.started(1)
                        .pod(TestingPod.running(0), TestingProgress.embedding(0, 500))
                        .status())
                .manifest();
        manifest.setSpec(null);

        EmbeddingJobStatus refused = StatusDecision.refused(
                manifest,
                TestingRun.NOW,
                new SpecificationProblem(SpecificationProblem.Reason.InvalidSpecification, "spec.sink is missing"));

        assertThat(TestingRun.line(refused)).isEqualTo("InvalidSpecification: spec.sink is missing");
        assertThat(refused.documents().embedded()).isEqualTo(500);
        assertThat(refused.run()).isEqualTo(1);
    }

    @Test
    void knowsNoTotalWhileItIsBlockedFromTheStart() {
        EmbeddingJobStatus blocked =
                StatusDecision.blocked(TestingRun.manifest(1).manifest(), TestingRun.NOW, "a quota refuses the Job");

        assertThat(blocked.documents().total()).isNull();
        assertThat(blocked.conditions()).hasSize(6);
    }

    @Test
    void keepsItsNumbersWhileItIsBlocked() {
        EmbeddingJobStatus running = TestingRun.started(1)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, 500))
                .status();

        EmbeddingJobStatus blocked = StatusDecision.blocked(
                TestingRun.manifest(1).before(running).manifest(), TestingRun.NOW, "the API server does not answer");

        assertThat(TestingRun.line(blocked)).isEqualTo("Blocked: the API server does not answer");
        assertThat(blocked.documents()).isEqualTo(running.documents());
        assertThat(blocked.shards()).isEqualTo(running.shards());
    }

    @Test
    void keepsItsAdviceWhenTheCauseIsLong() {
        TestingRun run =
                TestingRun.started(3).failedIndexes("0-2").jobFailed("FailedIndexes", "Job has failed indexes");
        for (int shard = 0; shard < 3; shard++) {
            run.pod(TestingPod.failed(shard, 75, finalProgress(shard, shard + " failed ".repeat(100))));
        }

        assertThat(run.condition(ConditionType.Failed).getMessage())
                .hasSize(Sentence.MAX_LENGTH)
                .endsWith("…; what is embedded stays: change spec.runNonce to go on with the rest");
    }

    @Test
    void staysShortHoweverMuchThePodsSay() {
        TestingRun run = TestingRun.started(50);
        for (int shard = 0; shard < 50; shard++) {
            run.pod(TestingPod.failed(shard, 75, finalProgress(shard, shard + " failed ".repeat(100))));
        }

        assertThat(run.condition(ConditionType.Ready).getMessage())
                .startsWith("shard 0 failed and is tried again")
                .hasSizeLessThanOrEqualTo(Sentence.MAX_LENGTH);
    }
}
