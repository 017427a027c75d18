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
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * With all that OpenAI does to a run in realtime, it ends with every good document once, the bad ones named, nothing paid twice that
 * had arrived, and exactly the money on its account that was billed.
 */
class OpenAiRealtimeFaultsIT {
    private static final String MODEL = "text-embedding-3-small";
    private static final int DOCUMENTS = 300;
    /** Whose chunks fit into one request. */
    private static final int FEW_DOCUMENTS = 10;

    private static final int TEXTS_A_REQUEST = 25;
    private static final String PLAIN_TEXT = "A plain sentence that every model can embed.";
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
                Arguments.of(
                        "refusals",
                        List.of(
                                new Fault.RateLimit(new RetryAfter.Seconds(1), true),
                                new Fault.RateLimit(new RetryAfter.None(), false),
                                new Fault.RateLimit(new RetryAfter.HttpDate(2), true),
                                new Fault.RateLimit(new RetryAfter.Milliseconds(300), false),
                                new Fault.RateLimit(new RetryAfter.Text("soon"), true))),
                Arguments.of(
                        "trouble of the server",
                        List.of(
                                ServerError.internal(),
                                ServerError.badGateway(),
                                ServerError.overloaded(),
                                ServerError.overloaded(),
                                ServerError.overloaded(),
                                new ServerError(503, ServerError.Page.JSON, new RetryAfter.Seconds(1)),
                                new ServerError(503, ServerError.Page.EMPTY, new RetryAfter.None()))),
                Arguments.of(
                        "trouble on the way",
                        List.of(
                                new Fault.SlowHeaders(1_500),
                                new Fault.SlowDrip(20, 512),
                                new Fault.WithoutLimitHeaders(),
                                new Fault.Reset(true),
                                new Cut(Cut.Ending.RESET, 0.5),
                                new Cut(Cut.Ending.CLOSED, 0.9),
                                new Cut(Cut.Ending.CLEAN, 0.7))),
                Arguments.of(
                        "wrong vectors",
                        EnumSet.complementOf(EnumSet.of(Spoil.ZERO_VECTOR)).stream()
                                .map(Fault.Spoiled::new)
                                .toList()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("curable")
    void theRunEndsAsIfNothingHadHappened(String name, List<Fault> faults) throws IOException {
        // given each of them meets one of the first requests, with a good one between, for two in a row of the same
        // texts are no accident: one request at a time, so that they come in this order
        for (int place = 0; place < faults.size(); place++) {
            simulator.faults().onRequest(Endpoint.EMBEDDINGS, 2 + 2L * place, faults.get(place));
        }
        TestingManifest manifest =
                createDocuments(DOCUMENTS).with("spec.embedder.openai.limits.maxConcurrentRequests", 1);

        // when, then
        assertEndsWell(manifest);
        assertThat(simulator.faults().fired()).as(name).hasSize(faults.size());
    }

    @Test
    void aRequestThatCameTooSteeplyIsSentAgain() throws IOException {
        // given
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.SlowDown(new RetryAfter.Seconds(1)));

        // when
        try (RunnerProcess runner = run(createDocuments(FEW_DOCUMENTS)).execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertComplete(FEW_DOCUMENTS);
            assertPaidExactly();
        }
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

    @Test
    void whereNobodyPaysTheRunStopsAtOnceAndGoesOnLater() throws IOException {
        TestingManifest manifest = createDocuments(DOCUMENTS);
        for (BillingCode code : BillingCode.values()) {
            // given
            simulator.faults().onRequests(Endpoint.EMBEDDINGS, 3, Long.MAX_VALUE, new Fault.Billing(code));
            long refusedBefore = simulator.statuses().of(Endpoint.EMBEDDINGS, 429);

            // when
            try (RunnerProcess runner = run(manifest).execute()) {
                // then
                assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(BAD_SPECIFICATION);
                assertThat(runner.complaints()).singleElement().asString().contains(code.message());
                assertThat(simulator.statuses().of(Endpoint.EMBEDDINGS, 429) - refusedBefore)
                        .as("requests that are not paid for: those in flight, and none again")
                        .isLessThanOrEqualTo(2 * DOCUMENTS / TEXTS_A_REQUEST);
            }
            simulator.faults().clear();
        }
        try (RunnerProcess runner = run(manifest).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(simulator.violations()).isEmpty();
            new Vectors(database, "vectors").holdExactly(DOCUMENTS);
            new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
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
            assertThat(database.texts("SELECT key FROM embedding_operator.failed_documents ORDER BY 1"))
                    .containsExactly("210", "77");
            assertThat(database.texts("SELECT DISTINCT reason FROM embedding_operator.failed_documents"))
                    .allSatisfy(reason -> assertThat(reason).contains("This content is not allowed."));
            new Vectors(database, "vectors").holdExactly(DOCUMENTS - 2);
            new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
            assertPaidExactly();
        }
        // and nothing was sent again but the two plain texts that tell whether the texts are to blame
        assertThat(simulator.ledger().timesDelivered(MODEL, PLAIN_TEXT)).isGreaterThan(1);
        assertThat(simulator.ledger().textsDeliveredTwice()).isEqualTo(2);
        assertThat(simulator.violations()).isEmpty();
    }

    @Test
    void aNarrowLimitIsKeptToByWaiting() throws IOException {
        // given most of the tokens fit into the bucket, the others come while the run goes on
        simulator.limit(ModelLimits.perMinute(10_000, 8_000));

        // when, then
        assertEndsWell(createDocuments(DOCUMENTS));
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

        // when
        try (RunnerProcess runner = run(createDocuments(DOCUMENTS)).execute()) {
            // then: where two of them meet, what is lost may have been a refusal, which counts as paid all the same
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertComplete(DOCUMENTS);
            assertThat(spent()).isGreaterThanOrEqualTo(simulator.ledger().costUsd());
            assertThat(simulator.faults().fired()).isNotEmpty();
        }
    }

    private void assertEndsWell(TestingManifest manifest) throws IOException {
        try (RunnerProcess runner = run(manifest).execute()) {
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

    /** To the last token; the last words tell it in millionths of a dollar, rounded up. */
    private BigDecimal spent() throws IOException {
        BigDecimal spent = new BigDecimal(database.texts("""
                SELECT coalesce(r.spent_usd, 0) + coalesce(
                  (SELECT sum(s.spent) FROM embedding_operator.spending s WHERE s.run_id = r.run_id), 0)
                FROM embedding_operator.runs r ORDER BY r.run_id DESC LIMIT 1""").getFirst());
        JsonNode progress = JSON.readTree(Files.readString(lastWords()));
        assertThat(new BigDecimal(progress.path("whole").path("costUsd").asText()))
                .isEqualByComparingTo(spent.setScale(6, RoundingMode.CEILING));
        return spent;
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
