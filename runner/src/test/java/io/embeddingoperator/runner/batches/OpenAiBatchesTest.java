package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.fault.BillingCode;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
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

    @Test
    void readsNothingMoreOnceTheBatchesOfAShardCannotGoOn() {
        AtomicInteger lastWindow = new AtomicInteger();
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, 3_000)) {
            // given a batch of the first windows whose upload failed
            Fault nobodyPays = new Fault.Billing(BillingCode.values()[0]);
            run.simulator().faults().onNext(Endpoint.UPLOAD_FILE, nobodyPays);
            run.with(new BatchRules("default/testing", 1, -1, OptionalLong.of(10_000)));
            assertThatThrownBy(run::run).isInstanceOf(SpecificationException.class);

            // when it fails again while the rest is read, which is not worth a batch
            run.with(new BatchRules("default/testing", 1, -1, OptionalLong.empty()));
            run.simulator().faults().always(Endpoint.LIST_FILES, nobodyPays);
            run.reading(window -> {
                lastWindow.set(window);
                awaitTheSecondFault(run);
            });
            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("the account has nothing to pay with");

            // then
            assertThat(lastWindow.get()).isLessThan(250);
        }
    }

    /** Once it has fired, the shard gets some time to end. */
    private static void awaitTheSecondFault(TestingBatchRun run) {
        try {
            Thread.sleep(run.simulator().faults().fired().size() < 2 ? 0 : 20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
