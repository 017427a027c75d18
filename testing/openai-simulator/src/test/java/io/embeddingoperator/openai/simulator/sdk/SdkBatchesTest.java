package io.embeddingoperator.openai.simulator.sdk;

import static io.embeddingoperator.openai.simulator.testing.TestingBatches.DIMENSIONS;
import static io.embeddingoperator.openai.simulator.testing.TestingBatches.MODEL;
import static io.embeddingoperator.openai.simulator.testing.TestingBatches.line;
import static io.embeddingoperator.openai.simulator.testing.TestingBatches.lineFor;
import static io.embeddingoperator.openai.simulator.testing.TestingBatches.lines;
import static io.embeddingoperator.openai.simulator.testing.TestingBatches.order;
import static io.embeddingoperator.openai.simulator.testing.TestingBatches.parsed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.batches.BatchError;
import com.openai.models.batches.BatchListParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.QueueLimits;
import io.embeddingoperator.openai.simulator.SimulatorClock;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.embedding.SimulatedVectors;
import io.embeddingoperator.openai.simulator.testing.TestingBatches;
import io.embeddingoperator.openai.simulator.testing.TestingOpenAi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files and batches, as OpenAI's own client sees them. */
class SdkBatchesTest {
    private static final Instant START = Instant.parse("2026-11-26T06:00:00Z");
    private static final Duration STEP = Duration.ofMinutes(1);

    private OpenAiSimulator simulator;
    private OpenAIClient client;
    private TestingBatches batches;

    @BeforeEach
    void start() {
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withTiming(BatchTiming.of(STEP))
                .withQueue(new QueueLimits(1_000, 200))
                .withClock(SimulatorClock.standing(START)));
        client = TestingOpenAi.client(simulator);
        batches = new TestingBatches(client);
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private Batch after(int minutes, Batch batch) {
        simulator.clock().advance(STEP.multipliedBy(minutes));
        return batches.find(batch);
    }

    @Test
    void aBatchGoesThroughItsStatesAndReturnsItsVectors() {
        // given
        List<String> lines = new ArrayList<>(lines(10));
        lines.add(line("two", "first", "second"));
        Batch created = batches.create(lines);
        assertThat(created.status()).isEqualTo(Batch.Status.VALIDATING);
        assertThat(created.expiresAt()).contains(START.getEpochSecond() + 86_400);
        assertThat(created.requestCounts().orElseThrow().total()).isZero();

        // when, then
        assertThat(after(1, created).status()).isEqualTo(Batch.Status.IN_PROGRESS);
        simulator.clock().advance(Duration.ofSeconds(30));
        assertThat(batches.find(created).requestCounts().orElseThrow())
                .satisfies(counts -> assertThat(counts.completed()).isBetween(5L, 6L))
                .satisfies(counts -> assertThat(counts.total()).isEqualTo(11));
        simulator.clock().advance(Duration.ofSeconds(30));
        assertThat(batches.find(created).status()).isEqualTo(Batch.Status.FINALIZING);
        Batch ended = after(1, created);
        assertThat(ended.status()).isEqualTo(Batch.Status.COMPLETED);
        assertThat(ended.errorFileId()).isEmpty();
        assertThat(ended.model()).contains(MODEL);
        assertThat(ended.requestCounts().orElseThrow().completed()).isEqualTo(11);
        assertThat(ended.usage().orElseThrow().inputTokens())
                .isEqualTo(simulator.ledger().tokens());

        // and
        String content = batches.content(ended.outputFileId().orElseThrow());
        List<JsonNode> results = parsed(content);
        assertThat(results).hasSize(11);
        JsonNode two = results.stream()
                .filter(result -> result.path("custom_id").asText().equals("two"))
                .findFirst()
                .orElseThrow();
        assertThat(two.path("response").path("status_code").asInt()).isEqualTo(200);
        assertThat(two.path("error").isNull()).isTrue();
        assertThat(vector(two, 1)).containsExactly(SimulatedVectors.vector(MODEL, "second", DIMENSIONS));
        assertThat(results.stream()
                        .map(result -> result.path("custom_id").asText())
                        .toList())
                .isNotEqualTo(lines.stream()
                        .map(text -> parsed(text).getFirst().path("custom_id").asText())
                        .toList());
        FileObject file = client.files().retrieve(ended.outputFileId().orElseThrow());
        assertThat(file.bytes()).isEqualTo(content.length());
        assertThat(file.purpose()).isEqualTo(FileObject.Purpose.BATCH_OUTPUT);
        assertThat(simulator.ledger().bills())
                .singleElement()
                .satisfies(bill -> assertThat(bill.id()).isEqualTo(ended.id()));
        assertThat(simulator.ledger().textsDeliveredTwice()).isZero();
        assertThat(simulator.ledger().timesExecuted("two")).isEqualTo(1);
        assertThat(simulator.violations()).isEmpty();
    }

    private static float[] vector(JsonNode result, int place) {
        String base64 = result.path("response")
                .path("body")
                .path("data")
                .path(place)
                .path("embedding")
                .asText();
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
        float[] vector = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(vector);
        return vector;
    }

    @Test
    void aLineThatFailsForItsContentGoesIntoTheErrorFileAndIsNotBilled() {
        // given
        Batch created = batches.create(
                List.of(line("good", "a text"), line("empty", ""), line("long", "hello ".repeat(8_300))));

        // when
        Batch ended = after(3, created);

        // then
        assertThat(ended.status()).isEqualTo(Batch.Status.COMPLETED);
        assertThat(ended.requestCounts().orElseThrow().failed()).isEqualTo(2);
        assertThat(parsed(batches.content(ended.outputFileId().orElseThrow()))).hasSize(1);
        assertThat(parsed(batches.content(ended.errorFileId().orElseThrow())))
                .hasSize(2)
                .allSatisfy(result -> {
                    assertThat(result.path("error").isNull()).isTrue();
                    assertThat(result.path("response").path("status_code").asInt())
                            .isEqualTo(400);
                });
        assertThat(simulator.ledger().tokens()).isEqualTo(2);
    }

    @Test
    void whereEveryLineFailsThereIsNoOutput() {
        Batch ended = after(3, batches.create(List.of(line("empty", ""))));

        assertThat(ended.status()).isEqualTo(Batch.Status.COMPLETED);
        assertThat(ended.outputFileId()).isEmpty();
        assertThat(ended.errorFileId()).isPresent();
        assertThat(simulator.ledger().bills()).isEmpty();
    }

    private static Stream<Arguments> badFiles() {
        String good = line("a", "text");
        return Stream.of(
                Arguments.of("empty_file", ""),
                Arguments.of("invalid_json_line", good + "\n{\"custom_id\": \n"),
                Arguments.of("invalid_json_line", "\uFEFF" + good),
                Arguments.of("missing_required_parameter", good.replace("\"custom_id\":\"a\",", "")),
                Arguments.of("invalid_url", good.replace("/v1/embeddings", "/v1/chat/completions")),
                Arguments.of("model_not_found", lineFor("text-embedding-4", "a", "text")),
                Arguments.of("invalid_request", good.replace("\"model\":\"" + MODEL + "\",", "")),
                Arguments.of("mismatched_model", good + "\n" + lineFor("text-embedding-3-large", "b", "text")),
                Arguments.of("duplicate_custom_id", good + "\n" + good));
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void badFilesAreAcceptedAndFailValidation(String code, String content) {
        // given
        FileObject file = batches.upload("batch.jsonl", content);
        Batch created = client.batches().create(order(file.id()).build());

        // when
        Batch failed = after(1, created);

        // then
        assertThat(failed.status()).isEqualTo(Batch.Status.FAILED);
        assertThat(failed.errors()
                        .flatMap(Batch.Errors::data)
                        .orElseThrow()
                        .getFirst()
                        .code())
                .contains(code);
        assertThat(simulator.violations()).isNotEmpty();
        assertThat(simulator.ledger().tokens()).isZero();
    }

    @Test
    void aMissingFileFailsValidation() {
        Batch failed = after(1, client.batches().create(order("file-nowhere").build()));

        assertThat(failed.status()).isEqualTo(Batch.Status.FAILED);
        assertThat(firstError(failed).code()).contains("invalid_request");
    }

    private static BatchError firstError(Batch batch) {
        return batch.errors().flatMap(Batch.Errors::data).orElseThrow().getFirst();
    }

    @Test
    void whatIsEnqueuedIsLimitedAndReleasedAtTheEnd() {
        // given two batches of 150 requests, where 200 may wait
        Batch first = batches.create(lines(150));
        Batch second = batches.create(lines(150));

        // when, then
        assertThat(after(1, first).status()).isEqualTo(Batch.Status.IN_PROGRESS);
        assertThat(batches.find(second).status()).isEqualTo(Batch.Status.FAILED);
        assertThat(firstError(batches.find(second)).message().orElseThrow())
                .isEqualTo(
                        "Enqueued request limit reached for text-embedding-3-small in organization org-simulator. Limit: 200"
                                + " enqueued requests. Please try again once some in_progress batches have been completed.");
        assertThat(after(2, first).status()).isEqualTo(Batch.Status.COMPLETED);
        assertThat(after(1, batches.create(lines(150))).status()).isEqualTo(Batch.Status.IN_PROGRESS);
    }

    @Test
    void enqueuedTokensAreLimited() {
        Batch failed = after(1, batches.create(List.of(line("a", "hello ".repeat(1_000)))));

        assertThat(firstError(failed).code()).contains("token_limit_exceeded");
        assertThat(firstError(failed).message().orElseThrow())
                .isEqualTo(
                        "Enqueued token limit reached for text-embedding-3-small in organization org-simulator. Limit: 1000"
                                + " enqueued tokens. Please try again once some in_progress batches have been completed.");
        assertThat(simulator.violations()).isEmpty();
    }

    @Test
    void aCancelledBatchKeepsWhatWasDone() {
        // given
        Batch created = batches.create(lines(10));
        simulator.clock().advance(Duration.ofSeconds(90));

        // when
        Batch cancelling = client.batches().cancel(created.id());

        // then
        assertThat(cancelling.status()).isEqualTo(Batch.Status.CANCELLING);
        assertThat(client.batches().cancel(created.id()).status()).isEqualTo(Batch.Status.CANCELLING);
        Batch cancelled = after(1, created);
        assertThat(cancelled.status()).isEqualTo(Batch.Status.CANCELLED);
        assertThat(parsed(batches.content(cancelled.outputFileId().orElseThrow())))
                .hasSize(5);
        assertThat(parsed(batches.content(cancelled.errorFileId().orElseThrow())))
                .hasSize(5)
                .allSatisfy(result -> {
                    assertThat(result.path("response").isNull()).isTrue();
                    assertThat(result.path("error").path("code").asText()).isEqualTo("batch_cancelled");
                });
        assertThatThrownBy(() -> client.batches().cancel(created.id()))
                .isInstanceOfSatisfying(
                        UnexpectedStatusCodeException.class,
                        refused -> assertThat(refused.statusCode()).isEqualTo(409));
    }

    @Test
    void aBatchCancelledWhileItIsValidatedHasNoResults() {
        Batch created = batches.create(lines(10));
        client.batches().cancel(created.id());

        Batch cancelled = after(1, created);
        assertThat(cancelled.status()).isEqualTo(Batch.Status.CANCELLED);
        assertThat(cancelled.outputFileId()).isEmpty();
        assertThat(simulator.ledger().tokens()).isZero();
    }

    @Test
    void batchesAreListedInPagesNewestFirstAndFoundByTheirMetadata() {
        // given
        String file = batches.upload("batch.jsonl", String.join("\n", lines(1))).id();
        for (int number = 0; number < 45; number++) {
            client.batches()
                    .create(order(file)
                            .metadata(BatchCreateParams.Metadata.builder()
                                    .putAdditionalProperty(
                                            "embedding_operator_batch", JsonValue.from("batch " + number))
                                    .build())
                            .build());
        }

        // when
        List<Batch> all = client.batches().list().autoPager().stream().toList();
        List<Batch> page = client.batches()
                .list(BatchListParams.builder().limit(3).build())
                .items();

        // then
        assertThat(all).hasSize(45);
        assertThat(page).hasSize(3);
        assertThat(page.getFirst().toString()).contains("embedding_operator_batch=batch 44");
        assertThatThrownBy(() -> client.batches()
                        .list(BatchListParams.builder().limit(101).build()))
                .isInstanceOf(BadRequestException.class);
    }

    @Test
    void filesAreListedReadDeletedAndExpire() {
        // given
        FileObject one = batches.upload("one.jsonl", "1\n");
        FileObject two = batches.upload("two.jsonl", "2\n");
        assertThat(one.bytes()).isEqualTo(2);
        assertThat(one.expiresAt()).contains(START.plus(Duration.ofDays(30)).getEpochSecond());

        // when, then
        List<FileObject> page =
                client.files().list(FileListParams.builder().limit(1).build()).items();
        assertThat(page).extracting(FileObject::filename).containsExactly("two.jsonl");
        assertThat(client.files().list(FileListParams.builder().limit(1).build()).autoPager().stream()
                        .toList())
                .hasSize(2);
        assertThat(batches.content(one.id())).isEqualTo("1\n");
        assertThat(client.files().delete(one.id()).deleted()).isTrue();
        assertThatThrownBy(() -> client.files().retrieve(one.id())).isInstanceOf(NotFoundException.class);
        simulator.clock().advance(Duration.ofDays(30));
        assertThatThrownBy(() -> batches.content(two.id())).isInstanceOf(NotFoundException.class);
        assertThat(simulator.files()).isEmpty();
    }

    @Test
    void whatIsNoBatchFileIsRefusedAtUpload() {
        assertThatThrownBy(() -> batches.upload("batch.json", "{}")).isInstanceOf(BadRequestException.class);
        assertThat(simulator.violations()).isNotEmpty();
        assertThat(simulator.files()).isEmpty();
    }

    @Test
    void aBatchThatIsOrderedWronglyIsRefused() {
        String file = batches.upload("batch.jsonl", "{}").id();
        assertThatThrownBy(() -> client.batches()
                        .create(order(file)
                                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                                .build()))
                .isInstanceOf(BadRequestException.class);
        assertThatThrownBy(() -> client.batches()
                        .create(order(file)
                                .putAdditionalBodyProperty("priority", JsonValue.from("high"))
                                .build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("Unknown parameter: 'priority'.");
        assertThat(simulator.violations()).hasSize(2);
    }

    @Test
    void aDayLaterABatchThatIsNotDoneHasExpiredWithWhatItHas() {
        // given a batch whose work would take 40 hours
        try (OpenAiSimulator slow = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withTiming(new BatchTiming(STEP, Duration.ofHours(40), STEP, STEP))
                .withClock(SimulatorClock.standing(START)))) {
            OpenAIClient slowClient = TestingOpenAi.client(slow);
            TestingBatches slowBatches = new TestingBatches(slowClient);
            Batch created = slowBatches.create(lines(100));

            // when
            slow.clock().advance(Duration.ofHours(24).plus(STEP));

            // then
            Batch expired = slowBatches.find(created);
            assertThat(expired.status()).isEqualTo(Batch.Status.EXPIRED);
            assertThat(parsed(slowBatches.content(expired.outputFileId().orElseThrow())))
                    .hasSize(60);
            assertThat(parsed(slowBatches.content(expired.errorFileId().orElseThrow())))
                    .hasSize(40)
                    .allSatisfy(result -> assertThat(
                                    result.path("error").path("code").asText())
                            .isEqualTo("batch_expired"));
            slowClient.close();
        }
    }
}
