package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.fault.BillingCode;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.Fault.Cut;
import io.embeddingoperator.openai.simulator.fault.Fault.ServerError;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.SimulatedRows;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.Vectors;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever OpenAI does to a run in realtime: it ends with every good document once, the bad ones named, nothing paid twice that
 * had arrived, and exactly the money on its account that was billed.
 */
class OpenAiRealtimeFaultsIT {
    private static final String MODEL = "text-embedding-3-small";
    private static final int DOCUMENTS = 300;
    private static final int TEXTS_A_REQUEST = 25;
    private static final int BAD_SPECIFICATION = 64;
    private static final int TOO_MANY_FAILED = 65;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestingDatabase database = TestingDatabase.create();
    private OpenAiSimulator simulator = OpenAiSimulator.start(SimulatorSettings.defaults());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        simulator.close();
    }

    private static Stream<Arguments> curable() {
        return Stream.of(
                always("429, Retry-After: 1", new Fault.RateLimit(new RetryAfter.Seconds(1), true)),
                always("429 without headers", new Fault.RateLimit(new RetryAfter.None(), false)),
                always("429, Retry-After as a date", new Fault.RateLimit(new RetryAfter.HttpDate(2), true)),
                always("429, retry-after-ms alone", new Fault.RateLimit(new RetryAfter.Milliseconds(300), false)),
                always("429, Retry-After: garbage", new Fault.RateLimit(new RetryAfter.Text("soon"), true)),
                always("429 slow_down", new Fault.SlowDown(new RetryAfter.Seconds(1))),
                always("500", ServerError.internal()),
                always("502 with a page", ServerError.badGateway()),
                always("503", ServerError.overloaded()),
                always("503, Retry-After: 1", new ServerError(503, ServerError.Page.JSON, new RetryAfter.Seconds(1))),
                always("503 without a body", new ServerError(503, ServerError.Page.EMPTY, new RetryAfter.None())),
                always("slow headers", new Fault.SlowHeaders(1_500)),
                always("slow drip", new Fault.SlowDrip(20, 512)),
                always("replies without limit headers", new Fault.WithoutLimitHeaders()),
                always("reset before headers, work done", new Fault.Reset(true)),
                always("reset in the body", new Cut(Cut.Ending.RESET, 0.5)),
                always("closed in the body", new Cut(Cut.Ending.CLOSED, 0.9)),
                always("truncated cleanly", new Cut(Cut.Ending.CLEAN, 0.7)));
    }

    private static Arguments always(String name, Fault fault) {
        return Arguments.of(name, fault);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("curable")
    void theRunEndsAsIfNothingHadHappened(String name, Fault fault) throws IOException {
        // given the second to fourth request fare badly, and one later
        simulator.faults().onRequests(Endpoint.EMBEDDINGS, 2, 4, fault);
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 9, fault);

        // when, then
        assertEndsWell();
        assertThat(simulator.faults().fired()).as(name).hasSize(4);
    }

    @ParameterizedTest
    @EnumSource
    void vectorsThatAreWrongAreNeverStored(Spoil spoil) throws IOException {
        // given
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 1, new Fault.Spoiled(spoil));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 5, new Fault.Spoiled(spoil));

        // when, then
        assertEndsWell();
        assertThat(simulator.faults().fired()).hasSize(2);
    }

    @Test
    void aRequestThatWasNeverExecutedMayCountAsPaid() throws IOException {
        // given
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 3, new Fault.Reset(false));

        // when
        try (RunnerProcess runner = run(createDocuments(DOCUMENTS)).execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertComplete(DOCUMENTS);
            assertThat(spent()).isGreaterThan(simulator.ledger().costUsd());
        }
    }

    @Test
    void aLongPauseIsKept() throws IOException {
        // given
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.RateLimit(new RetryAfter.Seconds(56), true));
        TestingManifest manifest = createDocuments(1);
        Instant start = simulator.clock().instant();

        // when
        try (RunnerProcess runner = run(manifest).execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(simulator.ledger().bills())
                    .singleElement()
                    .satisfies(bill -> assertThat(bill.at()).isAfterOrEqualTo(start.plusSeconds(56)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whereNobodyPaysTheRunStopsAtOnceAndGoesOnLater(BillingCode code) throws IOException {
        // given
        TestingManifest manifest = createDocuments(DOCUMENTS);
        simulator.faults().onRequests(Endpoint.EMBEDDINGS, 4, Long.MAX_VALUE, new Fault.Billing(code));

        // when
        try (RunnerProcess runner = run(manifest).execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(BAD_SPECIFICATION);
            assertThat(runner.complaints()).singleElement().asString().contains(code.message());
            assertThat(simulator.statuses().of(Endpoint.EMBEDDINGS, 429))
                    .as("requests that nobody pays for: those in flight, and none again")
                    .isLessThanOrEqualTo(DOCUMENTS * 2 / TEXTS_A_REQUEST);
        }
        simulator.faults().clear();
        try (RunnerProcess runner = run(manifest).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertRowsAreRight(DOCUMENTS);
        }
    }

    @Test
    void aKeyThatIsTakenAwayStopsTheRun() throws IOException {
        simulator
                .faults()
                .onRequests(
                        Endpoint.EMBEDDINGS,
                        3,
                        Long.MAX_VALUE,
                        new Fault.Answer(
                                401,
                                "Incorrect API key provided: sk-s****ator.",
                                "invalid_request_error",
                                "invalid_api_key"));

        try (RunnerProcess runner = run(createDocuments(DOCUMENTS)).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(BAD_SPECIFICATION);
            assertThat(runner.errors()).contains("Incorrect API key provided").doesNotContain(Account.DEFAULT.key());
        }
    }

    @Test
    void textsThatAreRefusedAreFoundAndNamedAndTheOthersPaidOnce() throws IOException {
        // given the server does not say which text it refuses
        simulator
                .faults()
                .always(Endpoint.EMBEDDINGS, new Fault.TextRefused("document 77 ", "This content is not allowed."));
        simulator
                .faults()
                .always(Endpoint.EMBEDDINGS, new Fault.TextRefused("document 210 ", "This content is not allowed."));

        // when
        try (RunnerProcess runner = run(createDocuments(DOCUMENTS)).execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(TOO_MANY_FAILED);
            assertThat(database.texts("SELECT document_key FROM embedding_operator.failed_documents ORDER BY 1"))
                    .containsExactly("210", "77");
            assertThat(database.texts("SELECT DISTINCT reason FROM embedding_operator.failed_documents"))
                    .allSatisfy(reason -> assertThat(reason).contains("This content is not allowed."));
            assertRowsAreRight(DOCUMENTS - 2);
            assertPaidExactly();
        }
    }

    @Test
    void aNarrowLimitIsKeptToByWaiting() throws IOException {
        // given half of the tokens fit into the bucket, the others come while the run goes on
        simulator.limit(ModelLimits.perMinute(10_000, 6_000));

        // when, then
        assertEndsWell();
    }

    @Test
    void manyFaultsAtOnceAreSurvived() throws IOException {
        // given
        simulator.faults().withProbability(Endpoint.EMBEDDINGS, 0.1, 1, ServerError.overloaded());
        simulator.faults().withProbability(Endpoint.EMBEDDINGS, 0.1, 2, new Cut(Cut.Ending.RESET, 0.3));
        simulator.faults().withProbability(Endpoint.EMBEDDINGS, 0.1, 3, new Fault.Reset(true));
        simulator.faults().withProbability(Endpoint.EMBEDDINGS, 0.1, 4, new Fault.Spoiled(Spoil.FEWER_VECTORS));
        simulator
                .faults()
                .withProbability(
                        Endpoint.EMBEDDINGS, 0.1, 5, new Fault.RateLimit(new RetryAfter.Milliseconds(200), true));
        simulator.faults().withProbability(Endpoint.EMBEDDINGS, 0.1, 6, new Fault.Spoiled(Spoil.SHUFFLED));

        // when, then
        assertEndsWell();
        assertThat(simulator.faults().fired()).isNotEmpty();
    }

    private void assertEndsWell() throws IOException {
        try (RunnerProcess runner = run(createDocuments(DOCUMENTS)).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertComplete(DOCUMENTS);
            assertPaidExactly();
        }
    }

    private void assertComplete(int documents) {
        new Vectors(database, "vectors").areAccountedFor(documents);
        assertRowsAreRight(documents);
    }

    private void assertRowsAreRight(int documents) {
        new Vectors(database, "vectors").holdExactly(documents);
        new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
        assertThat(simulator.ledger().textsDeliveredTwice())
                .as("texts that were paid again although their vectors had come")
                .isZero();
        assertThat(simulator.violations()).isEmpty();
    }

    private void assertPaidExactly() throws IOException {
        assertThat(spent()).isEqualByComparingTo(simulator.ledger().costUsd());
    }

    private BigDecimal spent() throws IOException {
        JsonNode progress = JSON.readTree(Files.readString(lastWords()));
        return new BigDecimal(progress.path("whole").path("costUsd").asText());
    }

    private Path lastWords() {
        return folder.resolve("last-words.json");
    }

    private RunnerCommand run(TestingManifest manifest) {
        return RunnerCommand.run(manifest.write(folder), database.uri())
                .with(EnvironmentVariable.OPENAI_API_KEY, Account.DEFAULT.key())
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords().toString());
    }

    /** Documents of one to three chunks, in which no text comes twice. */
    private TestingManifest createDocuments(int documents) {
        database.execute(
                "CREATE TABLE documents (id bigint PRIMARY KEY, body text)",
                """
                INSERT INTO documents
                SELECT i, string_agg(format('Sentence %%s of document %%s tells of the river and of the old house.', s, i), E'\\n\\n')
                FROM generate_series(1, %d) i, generate_series(1, 1 + (i %% 3)::int) s GROUP BY i""".formatted(documents),
                "ANALYZE documents");
        return TestingManifest.forTable(folder)
                .with("spec.chunking", Map.of("strategy", "Recursive", "maxTokens", 24, "overlapTokens", 0))
                .with(
                        "spec.embedder",
                        Map.of(
                                "openai",
                                Map.of(
                                        "model",
                                        MODEL,
                                        "dimensions",
                                        64,
                                        "baseUrl",
                                        simulator.baseUri().toString(),
                                        "apiKey",
                                        Map.of("secretKeyRef", Map.of("name", "openai", "key", "apiKey")),
                                        "mode",
                                        "Realtime",
                                        "limits",
                                        Map.of("maxRequestTexts", TEXTS_A_REQUEST))));
    }
}
