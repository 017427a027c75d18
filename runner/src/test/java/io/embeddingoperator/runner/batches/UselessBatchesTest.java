package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchFault.SpoiledOutput;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of which nothing can be used are not made again and again, blamed on the documents or replaced in silence. */
class UselessBatchesTest {
    private static final int DOCUMENTS = 40;
    private static final SimulatorSettings QUICK =
            SimulatorSettings.defaults().withTiming(BatchTiming.of(Duration.ofMillis(50)));

    static Stream<Arguments> uselessResults() {
        return Stream.of(
                Arguments.of(new SpoiledOutput(SpoiledOutput.How.NO_CUSTOM_IDS), "it has no custom_id"),
                Arguments.of(new BatchFault.SpoiledLines(Spoil.EMPTY_DATA, 1), "it holds 0 vectors"),
                Arguments.of(new BatchFault.SpoiledLines(Spoil.NOT_A_NUMBER, 1), "holds a value that is not finite"));
    }

    @ParameterizedTest
    @MethodSource("uselessResults")
    void paysNoSecondBatchWhereNoResultOfTheFirstCanBeUsed(BatchFault fault, String sentence) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().always(Endpoint.CREATE_BATCH, fault);

            // when it is run and started again
            for (int start = 0; start < 2; start++) {
                assertThatThrownBy(run::run)
                        .isInstanceOf(SpecificationException.class)
                        .hasMessageContaining("none of its results can be used")
                        .hasMessageContaining(sentence)
                        .hasMessageContaining("spec.embedder.openai.")
                        .hasMessageContaining("stay at the provider to be looked at");
            }

            // then
            assertThat(run.batchesMade()).isEqualTo(1);
            assertThat(run.failedKeys()).isEmpty();
            assertThat(run.simulator().files()).as("the input and the output").hasSize(2);
            assertThat(run.spentUsd())
                    .isGreaterThanOrEqualTo(run.simulator().ledger().costUsd());

            // and when another run goes on by requests
            run.settle();

            // then
            run.assertNothingIsLeftAtTheProvider();
            assertThat(run.failedKeys()).isEmpty();
        }
    }

    @Test
    void paysNoSecondBatchWhereMostResultsOfTheFirstCannotBeUsed() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(Profile.GEMINI), DOCUMENTS)) {
            // given lines in no order, so that the texts of few documents stand together
            run.simulator().faults().always(Endpoint.CREATE_BATCH, new SpoiledOutput(SpoiledOutput.How.MIXED));

            // when it is run and started again
            for (int start = 0; start < 2; start++) {
                assertThatThrownBy(run::run)
                        .isInstanceOf(SpecificationException.class)
                        .hasMessageContaining("and only 1")
                        .hasMessageContaining("of its results can be used: vectors of")
                        .hasMessageContaining("stay at the provider to be looked at");
            }

            // then
            assertThat(run.batchesMade()).isEqualTo(1);
            assertThat(run.failedKeys()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404})
    void blamesNoDocumentForABatchThatRefusesAllOfThem(int status) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .always(
                            Endpoint.CREATE_BATCH,
                            new BatchFault.LinesFail(1, status, "unsupported", "This model is not for batches."));

            // when, then
            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("This model is not for batches.")
                    .hasMessageContaining("set spec.embedder.openai.mode to Realtime")
                    .hasMessageContaining("stay at the provider to be looked at");
            assertThat(run.batchesMade()).isEqualTo(1);
            assertThat(run.failedKeys()).isEmpty();
        }
    }

    @Test
    void blamesNoDocumentForASecondBatchInWhichTheProviderFailsForAllOfThem() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .always(
                            Endpoint.CREATE_BATCH,
                            new BatchFault.LinesFail(1, 500, "server_error", "The server had an error."));

            // when, then
            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("nothing but failures")
                    .hasMessageContaining("The server had an error.")
                    .hasMessageContaining("set spec.embedder.openai.mode to Realtime");
            assertThat(run.batchesMade()).isEqualTo(2);
            assertThat(run.failedKeys()).isEmpty();
        }
    }

    @Test
    void failsDocumentsThatRequestsRefuseAsWell() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, 3)) {
            // given
            run.simulator()
                    .faults()
                    .always(Endpoint.EMBEDDINGS, new Fault.TextRefused("of document", "This text is too dark."));

            // when
            run.run();

            // then
            assertThat(run.failedKeys()).containsExactly("1", "2", "3");
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }

    @Test
    void goesOnByRequestsForTwoDocumentsAtTheMostWhereEachFileIsRefused() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, 7)) {
            // given
            run.simulator()
                    .faults()
                    .always(
                            Endpoint.CREATE_BATCH,
                            new BatchFault.FailsValidation("invalid_json_line", "A line is no JSON."));

            // when, then
            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("A line is no JSON.")
                    .hasMessageContaining("set spec.embedder.openai.mode to Realtime");
            assertThat(run.database().number("SELECT count(DISTINCT id) FROM vectors"))
                    .isEqualTo(2);
        }
    }

    @Test
    void handsDocumentsInAgainThatABatchNeverCameTo() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.NeverWorked());

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(2);
        }
    }

    @Test
    void makesNoThirdBatchWhereTwoCameToNothing() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().always(Endpoint.CREATE_BATCH, new BatchFault.NeverWorked());

            // when, then
            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("as \"completed\" without a result, a reason and a bill")
                    .hasMessageContaining("set spec.embedder.openai.mode to Realtime");
            assertThat(run.batchesMade()).isEqualTo(2);
            assertThat(run.failedKeys()).isEmpty();
            assertThat(run.spentUsd()).isZero();
        }
    }

    @Test
    void countsItsOwnTokensWhereNobodyTellsWhatABatchCosts() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().always(Endpoint.CREATE_BATCH, new BatchFault.UntoldBill());

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            long counted = run.database().number("SELECT sum(tokens) FROM embedding_operator.batches");
            assertThat(counted).isPositive();
            assertThat(run.database().texts("SELECT error FROM embedding_operator.batches"))
                    .allSatisfy(error -> assertThat(error).contains("does not tell what it bills"));
            assertThat(run.spentUsd())
                    .isEqualByComparingTo(TestingBatchRun.PRICE
                            .multiply(BigDecimal.valueOf(counted))
                            .movePointLeft(6));
            assertThat(run.estimatedUsd()).isEqualByComparingTo(run.spentUsd());
        }
    }

    @Test
    void findsABatchWhoseCreationWasLostByItsFileWhereTheMetadataIsLost() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().always(Endpoint.CREATE_BATCH, new BatchFault.NoMetadata());
            run.simulator().faults().onNext(Endpoint.CREATE_BATCH, new Fault.Reset(true));

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }

    @Test
    void waitsForABatchThatIsNotFoundAtOnce() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .onRequests(
                            Endpoint.GET_BATCH,
                            1,
                            2,
                            new Fault.Answer(404, "No batch found with id 'b'.", "invalid_request_error", null));

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }
}
