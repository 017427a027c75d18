package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.QueueLimits;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchFault.SpoiledOutput;
import io.embeddingoperator.openai.simulator.fault.BatchState;
import io.embeddingoperator.openai.simulator.fault.BillingCode;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.Faults;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import io.embeddingoperator.runner.embed.openai.batch.RequestLines;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** With any fault of a batch, every good document arrives once, bad ones are named, and the money is what was billed. */
class BatchFaultsIT {
    private static final int DOCUMENTS = 95;
    private static final SimulatorSettings QUICK =
            SimulatorSettings.defaults().withTiming(BatchTiming.of(Duration.ofMillis(50)));

    static Stream<BatchFault> faultsOfABatch() {
        return Stream.of(
                new BatchFault.FailsValidation("invalid_json_line", "Line 3 is no JSON."),
                new BatchFault.FailsValidation("missing_required_parameter", "Line 3 has no method."),
                new BatchFault.FailsValidation("invalid_url", "Line 3 has another url."),
                new BatchFault.FailsValidation("duplicate_custom_id", "Line 3 repeats a custom_id."),
                new BatchFault.FailsValidation("mismatched_model", "Line 3 has another model."),
                new BatchFault.FailsValidation("empty_file", "The file is empty."),
                new BatchFault.FailsValidation("invalid_request", "The input file was not found."),
                new BatchFault.EnqueuedTokenLimit(),
                new BatchFault.EnqueuedRequestLimit(),
                new BatchFault.Expires(0.4, 1),
                new BatchFault.Expires(0, 1),
                new BatchFault.CancelledByOthers(BatchState.VALIDATING, 0),
                new BatchFault.CancelledByOthers(BatchState.IN_PROGRESS, 0.5),
                new BatchFault.CancelledByOthers(BatchState.FINALIZING, 1),
                new BatchFault.Stuck(BatchState.VALIDATING, 1),
                new BatchFault.Stuck(BatchState.IN_PROGRESS, 1),
                new BatchFault.Stuck(BatchState.FINALIZING, 1),
                new BatchFault.UnknownStatus("pondering"),
                new BatchFault.NullOutput(),
                new BatchFault.EmptyErrorFileId(),
                new BatchFault.CountsDisagree(),
                new BatchFault.LinesFail(3, 500, "server_error", "The server had an error."),
                new BatchFault.LinesFail(2, 429, "rate_limit_exceeded", "Rate limit reached."),
                new BatchFault.LinesFail(1, 503, null, "Overloaded."),
                new BatchFault.LinesTimeOut(4),
                new BatchFault.NoMetadata(),
                new BatchFault.IgnoresBase64());
    }

    @ParameterizedTest
    @MethodSource("faultsOfABatch")
    void survivesABatchThatGoesWrong(BatchFault fault) {
        embedsAllDespite(Endpoint.CREATE_BATCH, 1, fault);
    }

    @ParameterizedTest
    @EnumSource(
            value = SpoiledOutput.How.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NO_CUSTOM_IDS", "MIXED"})
    void survivesAnOutputFileThatIsNotWhatItShouldBe(SpoiledOutput.How how) {
        embedsAllDespite(Endpoint.CREATE_BATCH, 1, new SpoiledOutput(how));
    }

    /** A vector of zeros comes to the sink, which fails its document. */
    @ParameterizedTest
    @EnumSource(value = Spoil.class, mode = EnumSource.Mode.EXCLUDE, names = "ZERO_VECTOR")
    void survivesLinesWhoseVectorsAreWrong(Spoil how) {
        embedsAllDespite(Endpoint.CREATE_BATCH, 1, new BatchFault.SpoiledLines(how, 3));
    }

    static Stream<Fault> faultsOfARequest() {
        return Stream.of(
                Fault.ServerError.internal(),
                Fault.ServerError.badGateway(),
                Fault.ServerError.overloaded(),
                new Fault.RateLimit(new RetryAfter.Milliseconds(10), false),
                new Fault.SlowDown(new RetryAfter.None()),
                new Fault.Reset(false),
                new Fault.Reset(true),
                new Fault.Cut(Fault.Cut.Ending.CLEAN, 0.5),
                new Fault.Cut(Fault.Cut.Ending.CLOSED, 0.5),
                new Fault.Cut(Fault.Cut.Ending.RESET, 0.5),
                new Fault.SlowHeaders(300),
                new Fault.SlowDrip(1, 500),
                new Fault.GoAway(),
                new Fault.FailsAfterwards(500),
                new Fault.Compressed());
    }

    @ParameterizedTest
    @MethodSource("faultsOfARequest")
    void survivesRequestsOfEachKindThatGoWrongTwice(Fault fault) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            for (Endpoint endpoint : Endpoint.values()) {
                if (fault.fits(endpoint)) {
                    run.simulator().faults().onRequests(endpoint, 1, 2, fault);
                }
            }

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.simulator().faults().fired())
                    .extracting(Faults.Fired::endpoint)
                    .contains(Endpoint.UPLOAD_FILE, Endpoint.CREATE_BATCH, Endpoint.FILE_CONTENT, Endpoint.DELETE_FILE);
        }
    }

    static Stream<Fault> missingResults() {
        return Stream.of(
                new Fault.Answer(404, "No such File object.", "invalid_request_error", null),
                new Fault.Answer(405, "Method not allowed.", "invalid_request_error", null),
                new Fault.Answer(410, "Gone.", "invalid_request_error", null),
                new Fault.Answer(501, "Not implemented.", "server_error", null),
                new Fault.Answer(307, "Elsewhere.", null, null),
                new Fault.ServerError(404, Fault.ServerError.Page.HTML, new RetryAfter.None()));
    }

    @ParameterizedTest
    @MethodSource("missingResults")
    void waitsForResultsThatAreNotThereYet(Fault fault) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().onRequests(Endpoint.FILE_CONTENT, 1, 4, fault);
            run.simulator().faults().onRequests(Endpoint.GET_FILE, 1, 2, fault);

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }

    @Test
    void waitsForTheNameOfAnOutputFileThatIsLate() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.OutputNamedLate(3));

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }

    @Test
    void asksForAContentAgainAndAgainForItIsPaidFor() {
        embedsAllDespite(Endpoint.FILE_CONTENT, 12, Fault.ServerError.badGateway());
    }

    @Test
    void findsABatchInTheListWhoseCreationWasLostEvenWhenTheListFailsAtFirst() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().onNext(Endpoint.CREATE_BATCH, new Fault.Reset(true));
            run.simulator().faults().onRequests(Endpoint.LIST_BATCHES, 1, 3, Fault.ServerError.internal());

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }

    @Test
    void failsADocumentForItsOwnContentWithTheProvidersWords() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .always(Endpoint.EMBEDDINGS, new Fault.TextRefused("document 17 ", "This text is too dark."));

            // when
            run.run();

            // then
            run.assertEmbedded(DOCUMENTS - 1);
            assertThat(run.failedKeys()).containsExactly("17");
            assertThat(run.failedReasons()).containsExactly("the provider refuses it: This text is too dark.");
            assertThat(run.batchesMade()).isEqualTo(1);
            run.assertTheMoneyIsWhatWasBilled();
        }
    }

    @Test
    void failsADocumentThatNoBatchOfFiveCouldEmbed() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, 3)) {
            // given
            run.simulator()
                    .faults()
                    .always(Endpoint.CREATE_BATCH, new BatchFault.LinesFail(3, 500, "server_error", "No luck."));

            // when
            run.run();

            // then
            assertThat(run.failedKeys()).hasSize(1);
            assertThat(run.failedReasons()).containsExactly("the provider answered 500 server_error: No luck.");
            run.assertEmbedded(2);
        }
    }

    static Stream<BatchFault> endsBeforeTheWork() {
        return Stream.of(
                new BatchFault.Expires(0, 1),
                new BatchFault.Expires(0.1, 1),
                new BatchFault.CancelledByOthers(BatchState.VALIDATING, 0),
                new BatchFault.CancelledByOthers(BatchState.IN_PROGRESS, 0.1));
    }

    @ParameterizedTest
    @MethodSource("endsBeforeTheWork")
    void failsNoDocumentThatTheProviderNeverCameTo(BatchFault fault) {
        embedsAllDespite(Endpoint.CREATE_BATCH, ImportEnd.MAX_ATTEMPTS + 1, fault);
    }

    @Test
    void dividesNothingThatTheQueueTakesAndEverythingThatItDoesNot() {
        // given
        SimulatorSettings small = QUICK.withQueue(new QueueLimits(400, 1_000_000));
        try (TestingBatchRun run = TestingBatchRun.of(small, DOCUMENTS)) {
            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isGreaterThan(3);
        }
    }

    @Test
    void endsTheRunWhenNobodyPays() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            run.simulator().faults().onNext(Endpoint.UPLOAD_FILE, new Fault.Billing(BillingCode.values()[0]));

            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("the account has nothing to pay with");
        }
    }

    static Stream<Arguments> wrongDimensions() {
        return Stream.of(
                Arguments.of(
                        TestingBatchRun.lines(TestingBatchRun.MODEL, Map.of()),
                        "vectors of 1536 numbers, and spec.embedder.openai.dimensions is 8"),
                Arguments.of(
                        TestingBatchRun.lines("text-embedding-ada-002", Map.of("dimensions", "8")),
                        "This model does not support specifying dimensions"));
    }

    @ParameterizedTest
    @MethodSource("wrongDimensions")
    void paysNoSecondBatchForDimensionsThatTheModelDoesNotHave(RequestLines lines, String sentence) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS).with(lines)) {
            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("spec.embedder.openai.dimensions")
                    .hasMessageContaining(sentence);
            assertThat(run.batchesMade()).isEqualTo(1);
            assertThat(run.failedKeys()).isEmpty();
        }
    }

    static Stream<Fault> refusedCreations() {
        return Stream.of(
                new Fault.Answer(404, "Not Found", "invalid_request_error", null),
                new Fault.Answer(405, "Method not allowed.", "invalid_request_error", null),
                new Fault.Answer(501, "Not implemented.", "server_error", null),
                new Fault.ServerError(404, Fault.ServerError.Page.HTML, new RetryAfter.None()),
                new Fault.Answer(403, "No access to the model.", "invalid_request_error", "model_not_found"));
    }

    @ParameterizedTest
    @Timeout(60)
    @MethodSource("refusedCreations")
    void endsWithOneUploadWhereNoBatchCanBeMade(Fault fault) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().always(Endpoint.CREATE_BATCH, fault);

            // when, then
            assertThatThrownBy(run::run)
                    .isInstanceOf(RunnerException.class)
                    .hasMessageContaining("spec.embedder.openai.mode");
            assertThat(run.simulator().files()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CREATE_BATCH", "GET_BATCH", "FILE_CONTENT"})
    void waitsForAGatewayThatRefusesForAWhile(Endpoint endpoint) {
        embedsAllDespite(endpoint, 2, new Fault.ServerError(403, Fault.ServerError.Page.HTML, new RetryAfter.None()));
    }

    @Test
    void endsAtOnceWhereNothingWasEverTaken() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .always(
                            Endpoint.UPLOAD_FILE,
                            new Fault.ServerError(403, Fault.ServerError.Page.HTML, new RetryAfter.None()));

            // when, then
            assertThatThrownBy(run::run)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("spec.embedder.openai.apiKey");
            assertThat(run.simulator().faults().fired()).hasSize(1);
        }
    }

    @Test
    void uploadsAFileAgainThatACreationDoesNotFind() {
        embedsAllDespite(
                Endpoint.CREATE_BATCH,
                2,
                new Fault.Answer(404, "No such File object: file-1", "invalid_request_error", null));
    }

    @Test
    @Timeout(60)
    void endsWhereUploadedFilesAreLostAgainAndAgain() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .always(
                            Endpoint.CREATE_BATCH,
                            new BatchFault.FailsValidation("invalid_request", "The input file was not found."));

            // when, then
            assertThatThrownBy(run::run)
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("was uploaded 5 times")
                    .hasMessageContaining("The input file was not found.");
            assertThat(run.batchesMade()).isEqualTo(5);
        }
    }

    private static void embedsAllDespite(Endpoint endpoint, int times, Fault fault) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK, DOCUMENTS)) {
            // given
            run.simulator().faults().onRequests(endpoint, 1, times, fault);

            // when
            run.run();

            // then
            assertThat(run.simulator().faults().fired()).hasSizeGreaterThanOrEqualTo(1);
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
        }
    }
}
