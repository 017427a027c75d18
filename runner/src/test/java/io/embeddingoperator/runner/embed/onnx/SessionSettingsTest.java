package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.BatchLimits;
import org.junit.jupiter.api.Test;

class SessionSettingsTest {
    private static final long DIRECT_MEMORY = Runtime.getRuntime().maxMemory();

    @Test
    void onAGpuABatchIsAsLargeAsTheManifestAllows() {
        // given
        ModelOutput output = new ModelOutput("last_hidden_state", false, FloatFormat.FLOAT32, 8);

        // when
        BatchLimits limits = SessionSettings.CUDA.batchLimits(256, 16_384, output);

        // then
        assertThat(limits.maxTokens()).isEqualTo(16_384);
    }

    @Test
    void theRowsOfAllCallsFitIntoTheMemoryOutsideOfTheHeap() {
        // given a model so wide that a batch of this size would take all of it
        int dimensions = Math.toIntExact(DIRECT_MEMORY / Float.BYTES / 16_384);
        ModelOutput wide = new ModelOutput("last_hidden_state", false, FloatFormat.FLOAT32, dimensions);

        // when
        BatchLimits limits = SessionSettings.CUDA.batchLimits(256, 1_000_000, wide);

        // then
        long rows = (long) SessionSettings.CUDA.concurrency() * limits.maxTokens() * wide.bytes(1, 1);
        assertThat(rows).isBetween(DIRECT_MEMORY / 4, DIRECT_MEMORY / 2);
    }

    @Test
    void aModelThatPoolsItselfSendsBackOneRowATextAndIsNotLimited() {
        // given
        ModelOutput pooled = new ModelOutput("sentence_embedding", true, FloatFormat.FLOAT32, 4_096);

        // when
        BatchLimits limits = SessionSettings.CUDA.batchLimits(256, 1_000_000, pooled);

        // then
        assertThat(limits.maxTokens()).isEqualTo(1_000_000);
    }

    @Test
    void oneTextOfTheGreatestLengthAlwaysFitsIntoABatch() {
        // given
        int dimensions = Math.toIntExact(DIRECT_MEMORY / Float.BYTES / 1_024);
        ModelOutput wide = new ModelOutput("last_hidden_state", false, FloatFormat.FLOAT32, dimensions);

        // when
        BatchLimits limits = SessionSettings.CUDA.batchLimits(512, 16_384, wide);

        // then
        assertThat(limits.maxTokens()).isEqualTo(512);
    }
}
