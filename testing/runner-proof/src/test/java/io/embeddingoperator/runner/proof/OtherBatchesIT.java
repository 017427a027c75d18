package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Hold;
import io.embeddingoperator.openai.simulator.fault.Hold.Moment;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingBatchJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of the packaged application through batches of servers other than OpenAI. */
class OtherBatchesIT {
    private static final int DOCUMENTS = 200;

    @TempDir
    private Path folder;

    @Test
    void everyDocumentGoesThroughABatchOfADeploymentOfAzureOpenAi() {
        try (TestingBatchJob job = job(Profile.AZURE, "AzureOpenAI").shards(2)) {
            // given
            job.with(
                            "spec.embedder.openai.baseUrl",
                            job.simulator().root() + "openai/deployments/text-embedding-3-small")
                    .with("spec.embedder.openai.apiVersion", "2024-10-21");

            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(2);
        }
    }

    @Test
    void everyDocumentGoesThroughAJobOfMistral() {
        try (TestingBatchJob job = job(Profile.MISTRAL, "Mistral")
                .shards(2)
                .with("spec.embedder.openai.sendDimensions", "Always")
                .with("spec.embedder.openai.price", Map.of("realtimeUsdPerMillionTokens", "0.02"))) {
            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(2);
        }
    }

    @Test
    void everyDocumentGoesThroughABatchOfGeminiWithALineForEachText() {
        try (TestingBatchJob job = job(Profile.GEMINI, "Gemini")
                .shards(2)
                .with("spec.embedder.openai.sendDimensions", "Always")
                .with("spec.embedder.openai.price", Map.of("realtimeUsdPerMillionTokens", "0.02"))) {
            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(2);
        }
    }

    @Test
    void aKillWhileABatchOfAzureOpenAiIsMadeIsMadeGood() {
        try (TestingBatchJob job = job(Profile.AZURE, "AzureOpenAI")) {
            // given
            Hold hold = job.simulator().faults().hold(Endpoint.CREATE_BATCH, 1, Moment.BEFORE_ITS_REPLY);
            try (RunnerProcess runner = job.run().start()) {
                runner.awaitUntil("the request came", hold::isReached);
                runner.kill();
            }
            hold.release();

            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(1);
        }
    }

    @Test
    void autoTakesNoBatchesOfAServerThatWasNotAskedForThem() {
        try (TestingBatchJob job =
                job(Profile.AZURE, "AzureOpenAI").mode("Auto").with("spec.embedder.openai.batchThreshold", 10)) {
            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).isEmpty();
        }
    }

    @Test
    void aServerWithoutBatchesEndsTheRunBeforeAnythingIsUploaded() {
        try (TestingBatchJob job = job(Profile.VLLM, "VLLM")) {
            // when
            try (RunnerProcess runner = job.run().execute()) {
                // then
                assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(64);
                assertThat(runner.errors())
                        .contains("/v1/batches answered 404", "set spec.embedder.openai.mode to Realtime");
            }
            assertThat(job.simulator().ledger().costUsd()).isZero();
        }
    }

    private TestingBatchJob job(Profile profile, String server) {
        SimulatorSettings settings =
                SimulatorSettings.defaults().withProfile(profile).withTiming(BatchTiming.of(Duration.ofMillis(100)));
        return new TestingBatchJob(folder, settings).documents(DOCUMENTS).with("spec.embedder.openai.server", server);
    }
}
