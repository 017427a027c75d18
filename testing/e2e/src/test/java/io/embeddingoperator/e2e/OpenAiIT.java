package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.cluster.node.KubernetesNode;
import io.embeddingoperator.e2e.testing.StatusHistory;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.batch.Batches;
import io.embeddingoperator.openai.simulator.fault.BatchState;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs that embed through OpenAI: what they cost, what they wait for, and what becomes of their batches. */
class OpenAiIT {
    private static final int DOCUMENTS = 2_000;

    private final TestingCluster cluster = TestingCluster.shared();
    private OpenAiSimulator openai;

    @AfterEach
    void close() {
        openai.close();
    }

    @Test
    void aRunPausesAtItsBudgetAndGoesOnWithALargerOne() {
        openai = OpenAiSimulator.start(SimulatorSettings.defaults().withAddress(KubernetesNode.GATEWAY));
        TestingJob job = prepare();
        try (StatusHistory history = StatusHistory.of(job)) {
            // when a thousand tokens are a dollar, twenty of them do not reach
            apply(job, "Realtime", "budget: {maxCostUsd: \"20.00\"}");
            job.await("the pause", seen -> "BudgetExhausted".equals(seen.word()));

            // then nothing runs and nothing failed
            job.await(
                    "the Job's suspension",
                    seen -> "True".equals(seen.condition("Suspended").getStatus()));
            assertThat(job.condition("Suspended").getReason()).isEqualTo("BudgetExhausted");
            assertThat(job.sentence())
                    .contains("20.00")
                    .endsWith("raise or remove the budget, and the run goes on from its checkpoint");
            assertThat(job.runningPods()).isEmpty();
            EmbeddingJobStatus paused = job.status();
            assertThat(paused.shards().failed()).isZero();
            assertThat(paused.documents().embedded())
                    .isEqualTo(job.storedDocuments())
                    .isBetween(1L, DOCUMENTS - 1L);
            assertThat(new BigDecimal(paused.costUsd()))
                    .isEqualByComparingTo(dollars())
                    .isLessThanOrEqualTo(new BigDecimal("20"));

            // when
            job.patch("{\"spec\": {\"budget\": {\"maxCostUsd\": \"1000.00\"}}}");
            job.awaitComplete();

            // then every document is there once, and was paid once
            job.assertEveryDocumentOnce();
            assertThat(job.storedDocuments()).isEqualTo(DOCUMENTS);
            assertThat(new BigDecimal(job.status().costUsd())).isEqualByComparingTo(dollars());
            assertThat(job.eventsByReason()).containsKey("BudgetExhausted").doesNotContainKeys("Retrying", "Failing");
            history.assertNeverWentBack();
        }
    }

    @Test
    void aRunThroughBatchesTellsWhatBecomesOfThem() {
        openai = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withAddress(KubernetesNode.GATEWAY)
                .withTiming(new BatchTiming(
                        Duration.ofSeconds(1), Duration.ofSeconds(15), Duration.ofSeconds(1), Duration.ofSeconds(1))));
        TestingJob job = prepare();
        try (StatusHistory history = StatusHistory.of(job)) {
            apply(job, "Batch", "");

            job.await("batches at work", seen -> "BatchesPending".equals(seen.word()));
            assertThat(job.current().getMetadata().getFinalizers())
                    .containsExactly("embedding-operator.io/cancel-batches");
            job.awaitComplete();

            job.assertEveryDocumentOnce();
            EmbeddingJobStatus status = job.status();
            assertThat(status.documents().embedded()).isEqualTo(DOCUMENTS);
            assertThat(status.batches().submitted())
                    .isPositive()
                    .isEqualTo(openai.batches().size());
            assertThat(status.batches().completed()).isEqualTo(status.batches().submitted());
            assertThat(status.batches().inProgress()).isZero();
            assertThat(new BigDecimal(status.costUsd()))
                    .isEqualByComparingTo(dollars().divide(BigDecimal.TWO));
            job.await(
                    "the end of the finalizer",
                    seen -> seen.current().getMetadata().getFinalizers().isEmpty());
            history.assertNeverWentBack();
        }
    }

    @Test
    void aDeletedJobTakesItsBatchesBack() {
        // given batches that take longer than the test waits
        openai = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withAddress(KubernetesNode.GATEWAY)
                .withTiming(new BatchTiming(
                        Duration.ofSeconds(1), Duration.ofHours(5), Duration.ofSeconds(1), Duration.ofSeconds(1))));
        TestingJob job = prepare();
        apply(job, "Batch", "");
        job.await("batches at work", seen -> "BatchesPending".equals(seen.word()));
        assertThat(openai.batches()).isNotEmpty();

        // when
        job.delete();
        job.await("the end of the job", seen -> seen.current() == null);

        // then
        assertThat(openai.batches()).extracting(Batches.Standing::state).containsOnly(BatchState.CANCELLED);
        assertThat(openai.files()).isEmpty();
        assertThat(cluster.kubectl()
                        .run("get", "jobs", "-n", job.namespace(), "-o", "name")
                        .strip())
                .isEmpty();
    }

    /** What the tokens cost that were billed, at a dollar for a thousand. */
    private BigDecimal dollars() {
        return BigDecimal.valueOf(openai.ledger().tokens(), 3);
    }

    private TestingJob prepare() {
        TestingJob job = TestingJob.prepare(cluster, DOCUMENTS);
        job.giveOpenAiKey();
        return job;
    }

    private void apply(TestingJob job, String mode, String more) {
        job.apply(manifest -> TestingJob.throughOpenAi(manifest, openai.baseUri(), mode) + "  " + more + "\n");
    }
}
