package io.embeddingoperator.openai.simulator.fault;

import static io.embeddingoperator.openai.simulator.testing.TestingBatches.lines;
import static io.embeddingoperator.openai.simulator.testing.TestingBatches.parsed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIInvalidDataException;
import com.openai.errors.OpenAIIoException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchError;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.QueueLimits;
import io.embeddingoperator.openai.simulator.SimulatorClock;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.fault.BatchFault.SpoiledOutput;
import io.embeddingoperator.openai.simulator.testing.TestingBatches;
import io.embeddingoperator.openai.simulator.testing.TestingOpenAi;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchFaultsTest {
    private static final Duration STEP = Duration.ofMinutes(1);

    private OpenAiSimulator simulator;
    private OpenAIClient client;
    private TestingBatches batches;

    @BeforeEach
    void start() {
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withTiming(BatchTiming.of(STEP))
                .withClock(SimulatorClock.standing(Instant.parse("2026-11-26T06:00:00Z"))));
        client = TestingOpenAi.client(simulator);
        batches = new TestingBatches(client);
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private Batch made(int lines, BatchFault... faults) {
        for (BatchFault fault : faults) {
            simulator.faults().onNext(Endpoint.CREATE_BATCH, fault);
        }
        return batches.create(lines(lines));
    }

    private Batch after(int minutes, Batch batch) {
        simulator.clock().advance(STEP.multipliedBy(minutes));
        return batches.find(batch);
    }

    private Batch ended(int lines, BatchFault... faults) {
        return after(3, made(lines, faults));
    }

    private String output(Batch batch) {
        return batches.content(batch.outputFileId().orElseThrow());
    }

    private String errors(Batch batch) {
        return batches.content(batch.errorFileId().orElseThrow());
    }

    private static List<String> customIds(String content) {
        return parsed(content).stream()
                .map(line -> line.path("custom_id").asText())
                .toList();
    }

    @Test
    void validationFailsWithAnyCode() {
        Batch failed = ended(3, new BatchFault.FailsValidation("model_not_found", "It is gone."));

        assertThat(failed.status()).isEqualTo(Batch.Status.FAILED);
        assertThat(error(failed).code()).contains("model_not_found");
    }

    private static BatchError error(Batch batch) {
        return batch.errors().flatMap(Batch.Errors::data).orElseThrow().getFirst();
    }

    @Test
    void theQueueIsFullAlthoughItIsNot() {
        assertThat(error(ended(3, new BatchFault.EnqueuedTokenLimit()))
                        .message()
                        .orElseThrow())
                .startsWith("Enqueued token limit reached for text-embedding-3-small in organization org-simulator");
        assertThat(error(ended(3, new BatchFault.EnqueuedRequestLimit()))
                        .message()
                        .orElseThrow())
                .startsWith("Enqueued request limit reached for");
        assertThat(ended(3).status()).isEqualTo(Batch.Status.COMPLETED);
    }

    @Test
    void aQueueMayTakeNothingAnyMore() {
        simulator.limit(new QueueLimits(0, 0));

        assertThat(error(ended(3)).message().orElseThrow()).contains("Limit: 0 enqueued tokens");
    }

    @Test
    void aBatchExpiresWithPartOfItsLines() {
        Batch expired = after(3, made(10, new BatchFault.Expires(0.3, 120)));

        assertThat(expired.status()).isEqualTo(Batch.Status.EXPIRED);
        assertThat(parsed(output(expired))).hasSize(3);
        assertThat(parsed(errors(expired))).hasSize(7);
        assertThat(simulator.ledger().bills())
                .singleElement()
                .satisfies(bill -> assertThat(bill.inputs()).isEqualTo(3));
    }

    @ParameterizedTest
    @EnumSource(names = {"VALIDATING", "IN_PROGRESS", "FINALIZING"})
    void somebodyElseCancelsInAnyState(BatchState state) {
        Batch cancelled = after(5, made(10, new BatchFault.CancelledByOthers(state, 0.5)));

        assertThat(cancelled.status()).isEqualTo(Batch.Status.CANCELLED);
        int lines = cancelled
                .outputFileId()
                .map(batches::content)
                .map(text -> parsed(text).size())
                .orElse(0);
        assertThat(lines)
                .isEqualTo(
                        switch (state) {
                            case IN_PROGRESS -> 5;
                            case FINALIZING -> 10;
                            case VALIDATING, FAILED, COMPLETED, EXPIRED, CANCELLING, CANCELLED -> 0;
                        });
    }

    @ParameterizedTest
    @EnumSource(names = {"VALIDATING", "IN_PROGRESS", "FINALIZING"})
    void aBatchIsStuckAndGoesOn(BatchState state) {
        Batch stuck = after(60, made(2, new BatchFault.Stuck(state, 7_200)));

        assertThat(stuck.status().toString()).isEqualTo(state.status());
        assertThat(after(63, stuck).status()).isEqualTo(Batch.Status.COMPLETED);
    }

    @Test
    void aBatchThatIsStuckInCancellingIsCancelledInTheEnd() {
        Batch created = made(2, new BatchFault.Stuck(BatchState.CANCELLING, 7_200));
        client.batches().cancel(created.id());

        assertThat(after(60, created).status()).isEqualTo(Batch.Status.CANCELLING);
        assertThat(after(62, created).status()).isEqualTo(Batch.Status.CANCELLED);
    }

    @Test
    void aStatusNobodyKnowsIsShownWhileItIsInProgress() {
        Batch created = made(2, new BatchFault.UnknownStatus("paused_for_review"));

        assertThatThrownBy(() -> after(1, created))
                .isInstanceOf(OpenAIInvalidDataException.class)
                .hasMessageContaining("paused_for_review");
        assertThat(after(2, created).status()).isEqualTo(Batch.Status.COMPLETED);
    }

    @Test
    void anOutputIsNotNamedAlthoughItWasPaid() {
        Batch completed = ended(3, new BatchFault.NullOutput());

        assertThat(completed.status()).isEqualTo(Batch.Status.COMPLETED);
        assertThat(completed.outputFileId()).isEmpty();
        assertThat(simulator.ledger().texts()).isEqualTo(3);
        assertThat(simulator.ledger().timesDelivered(TestingBatches.MODEL, "text 0"))
                .isZero();
    }

    @Test
    void anEmptyErrorFileIdIsNoFile() {
        assertThat(ended(3, new BatchFault.EmptyErrorFileId()).errorFileId()).contains("");
    }

    @Test
    void countsDisagreeWithTheLines() {
        Batch completed = ended(3, new BatchFault.CountsDisagree());

        assertThat(completed.requestCounts().orElseThrow().completed()).isEqualTo(5);
        assertThat(parsed(output(completed))).hasSize(3);
    }

    @Test
    void linesFailOrTimeOut() {
        Batch failing = ended(10, new BatchFault.LinesFail(2, 500, "server_error", "The server had an error."));
        Batch late = ended(10, new BatchFault.LinesTimeOut(5));

        assertThat(parsed(errors(failing)))
                .hasSize(5)
                .allSatisfy(line -> assertThat(
                                line.path("response").path("status_code").asInt())
                        .isEqualTo(500));
        assertThat(parsed(errors(late)))
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(line.path("error").path("code").asText()).isEqualTo("request_timeout"));
    }

    @Test
    void aRefusedTextFailsItsLineAlone() {
        simulator.faults().always(Endpoint.EMBEDDINGS, new Fault.TextRefused("text 7", "This content is not allowed."));

        Batch completed = ended(10);

        assertThat(customIds(errors(completed))).containsExactly("doc-7");
        assertThat(parsed(errors(completed))
                        .getFirst()
                        .path("response")
                        .path("body")
                        .path("error")
                        .path("message")
                        .asText())
                .isEqualTo("This content is not allowed.");
    }

    @ParameterizedTest
    @EnumSource(names = {"WRONG_DIMENSION", "FEWER_VECTORS", "NULL_VALUE", "EMPTY_DATA"})
    void vectorsOfLinesAreWrong(Spoil spoil) {
        Batch completed = ended(4, new BatchFault.SpoiledLines(spoil, 4));

        long wrong = parsed(output(completed)).stream()
                .map(line ->
                        line.path("response").path("body").path("data").path(0).path("embedding"))
                .filter(embedding -> embedding.asText().length() != 44)
                .count();
        assertThat(wrong).isEqualTo(1);
        assertThat(simulator.ledger().texts()).isEqualTo(4);
        assertThat(delivered(4)).isEqualTo(3);
    }

    private int delivered(int texts) {
        int delivered = 0;
        for (int text = 0; text < texts; text++) {
            delivered += simulator.ledger().timesDelivered(TestingBatches.MODEL, "text " + text);
        }
        return delivered;
    }

    @Test
    void numbersComeInPlaceOfBase64() {
        JsonNode line = parsed(output(ended(1, new BatchFault.IgnoresBase64()))).getFirst();

        assertThat(line.path("response")
                        .path("body")
                        .path("data")
                        .path(0)
                        .path("embedding")
                        .size())
                .isEqualTo(TestingBatches.DIMENSIONS);
    }

    @Test
    void anOutputEndsInTheMiddleOfALine() {
        String output = output(ended(10, new SpoiledOutput(SpoiledOutput.How.TRUNCATED_IN_LINE)));

        assertThat(output).doesNotEndWith("\n");
        assertThat(output.lines()).hasSize(5);
        assertThat(parsed(output.substring(0, output.lastIndexOf('\n')))).hasSize(4);
        assertThat(delivered(10)).isEqualTo(4);
    }

    @Test
    void linesEndAsOnWindowsOrAreEmpty() {
        assertThat(output(ended(3, new SpoiledOutput(SpoiledOutput.How.CRLF)))).endsWith("}\r\n");
        assertThat(output(ended(3, new SpoiledOutput(SpoiledOutput.How.BLANK_LINES))))
                .contains("\n\n");
    }

    @Test
    void linesComeTwiceWithTheSameOrAnotherVector() {
        List<String> same = output(ended(3, new SpoiledOutput(SpoiledOutput.How.DUPLICATES)))
                .lines()
                .toList();
        List<String> conflicting = output(ended(3, new SpoiledOutput(SpoiledOutput.How.CONFLICTING_DUPLICATES)))
                .lines()
                .toList();

        assertThat(same).hasSize(4);
        assertThat(new HashSet<>(same)).hasSize(3);
        assertThat(conflicting).hasSize(4);
        assertThat(new HashSet<>(conflicting)).hasSize(4);
        assertThat(new HashSet<>(customIds(String.join("\n", conflicting)))).hasSize(3);
    }

    @Test
    void linesAreMissingOrForeign() {
        assertThat(customIds(output(ended(10, new SpoiledOutput(SpoiledOutput.How.MISSING_LINES)))))
                .hasSize(8);
        assertThat(delivered(10)).isEqualTo(8);
        assertThat(customIds(output(ended(3, new SpoiledOutput(SpoiledOutput.How.FOREIGN_LINES)))))
                .hasSize(4)
                .anySatisfy(id -> assertThat(id).startsWith("foreign-"));
    }

    @Test
    void aLineStandsInBothFiles() {
        Batch completed = ended(3, new SpoiledOutput(SpoiledOutput.How.IN_BOTH_FILES));

        assertThat(customIds(output(completed)))
                .containsAll(customIds(errors(completed)))
                .hasSize(3);
        assertThat(customIds(errors(completed))).hasSize(1);
    }

    @Test
    void aLineIsNoJson() {
        String output = output(ended(3, new SpoiledOutput(SpoiledOutput.How.GARBAGE_LINE)));

        assertThat(output.lines())
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).startsWith("upstream connect error"));
    }

    @Test
    void anOutputIsGoneAndContentAnswers502AgainAndAgain() {
        Batch gone = ended(3, new SpoiledOutput(SpoiledOutput.How.GONE));
        Batch there = ended(3);
        assertThatThrownBy(() -> output(gone)).isInstanceOf(NotFoundException.class);

        simulator.faults().onRequests(Endpoint.FILE_CONTENT, 1, 5, Fault.ServerError.badGateway());

        for (int request = 0; request < 5; request++) {
            assertThatThrownBy(() -> output(there)).isInstanceOf(InternalServerException.class);
        }
        assertThat(parsed(output(there))).hasSize(3);
    }

    @Test
    void aBatchAndAFileAreMadeAndTheirRepliesLost() {
        // given
        simulator.faults().onNext(Endpoint.UPLOAD_FILE, new Fault.Reset(true));
        assertThatThrownBy(() -> batches.upload("batch.jsonl", String.join("\n", lines(1))))
                .isInstanceOf(OpenAIIoException.class);
        assertThat(simulator.files()).hasSize(1);

        // when
        simulator.faults().onNext(Endpoint.CREATE_BATCH, new Fault.Reset(true));
        String file = client.files().list().items().getFirst().id();
        assertThatThrownBy(
                        () -> client.batches().create(TestingBatches.order(file).build()))
                .isInstanceOf(OpenAIIoException.class);

        // then
        assertThat(client.batches().list().items())
                .singleElement()
                .satisfies(batch -> assertThat(batch.inputFileId()).isEqualTo(file));
        simulator.faults().onNext(Endpoint.CREATE_BATCH, new Fault.Reset(false));
        assertThatThrownBy(
                        () -> client.batches().create(TestingBatches.order(file).build()))
                .isInstanceOf(OpenAIIoException.class);
        assertThat(simulator.batches()).hasSize(1);
    }

    @Test
    void tokensStayInTheQueueForAWhile() {
        try (OpenAiSimulator narrow = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withTiming(BatchTiming.of(STEP))
                .withQueue(new QueueLimits(1_000_000, 10))
                .withClock(SimulatorClock.standing(Instant.parse("2026-11-26T06:00:00Z"))))) {
            OpenAIClient narrowClient = TestingOpenAi.client(narrow);
            TestingBatches narrowBatches = new TestingBatches(narrowClient);
            narrow.faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.QueueNotReleased(3_600));
            Batch first = narrowBatches.create(lines(10));
            narrow.clock().advance(STEP.multipliedBy(10));
            assertThat(narrowBatches.find(first).status()).isEqualTo(Batch.Status.COMPLETED);

            Batch second = narrowBatches.create(lines(10));
            narrow.clock().advance(STEP.multipliedBy(10));
            assertThat(narrowBatches.find(second).status()).isEqualTo(Batch.Status.FAILED);
            narrow.clock().advance(Duration.ofHours(1));
            Batch third = narrowBatches.create(lines(10));
            narrow.clock().advance(STEP.multipliedBy(10));
            assertThat(narrowBatches.find(third).status()).isEqualTo(Batch.Status.COMPLETED);
            narrowClient.close();
        }
    }
}
