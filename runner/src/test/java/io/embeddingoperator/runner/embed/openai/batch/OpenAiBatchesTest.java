package io.embeddingoperator.runner.embed.openai.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OpenAiBatchesTest {
    private static final SimulatorSettings QUICK =
            SimulatorSettings.defaults().withTiming(BatchTiming.of(Duration.ofMillis(50)));

    @Test
    void embedsEveryDocumentThroughABatch() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, 95)) {
            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(1);
            assertThat(run.embedder().texts()).isZero();
        }
    }
}
