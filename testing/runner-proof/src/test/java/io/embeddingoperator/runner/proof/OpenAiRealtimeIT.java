package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in realtime as processes of their own, with real money as far as the simulator's account goes. */
class OpenAiRealtimeIT {
    private static final String MODEL = "text-embedding-3-small";
    private static final int BUDGET_EXHAUSTED = 66;

    /** So high that small runs cost dollars. */
    private static final BigDecimal USD_A_MILLION_TOKENS = new BigDecimal("100");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestingDatabase database = TestingDatabase.create();
    private OpenAiSimulator simulator = OpenAiSimulator.start(SimulatorSettings.defaults());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        simulator.close();
    }

    @Test
    void everyDocumentIsEmbeddedOnceAndPaidAsBilled() throws IOException {
        // given
        createDocuments(2_000, 1);
        TestingManifest manifest = manifest();

        // when
        runToTheEnd(run(manifest, "run"));

        // then
        new Vectors(database, "vectors").holdExactly(2_000).areAccountedFor(2_000);
        new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
        assertThat(simulator.ledger().textsBilledTwice()).isZero();
        assertThat(simulator.violations()).isEmpty();
        assertThat(simulator.statuses().of(Endpoint.EMBEDDINGS, 429)).isZero();
        assertThat(database.counter("vectors", "tokens"))
                .isEqualTo(simulator.ledger().tokens());
        assertThat(spent("run")).isEqualByComparingTo(billed());

        // when nothing has changed
        long requests = simulator.statuses().of(Endpoint.EMBEDDINGS);
        runToTheEnd(run(manifest.with("spec.runNonce", 2).with("spec.embedder.openai.mode", "Auto"), "again"));

        // then nothing is asked for, in any mode
        assertThat(simulator.statuses().of(Endpoint.EMBEDDINGS)).isEqualTo(requests);

        // when
        RunnerCommand search = RunnerCommand.of(
                        "search", "-f", manifest.write(folder).toString(), "Document 7, sentence 0", "-k", "1")
                .with(EnvironmentVariable.SINK_URI, database.uri())
                .with(EnvironmentVariable.OPENAI_API_KEY, Account.DEFAULT.key());
        try (RunnerProcess found = search.execute()) {
            // then
            assertThat(found.exitCode()).as(found.errors()).isZero();
            assertThat(found.output()).hasLineCount(1);
        }
    }

    @Test
    void planTellsTheMoneyAndAsksNobody() {
        createDocuments(2_000, 1);
        RunnerCommand plan = RunnerCommand.of(
                        "plan",
                        "-f",
                        manifest()
                                .without("spec.embedder.openai.price")
                                .write(folder)
                                .toString())
                .with(EnvironmentVariable.SOURCE_URI, database.uri());

        try (RunnerProcess planned = plan.execute()) {
            assertThat(planned.exitCode()).as(planned.errors()).isZero();
            assertThat(planned.output())
                    .contains("documents  2,000")
                    .containsPattern(
                            "money      about 0\\.\\d{6} USD in realtime, about 0\\.\\d{6} USD in batches, by the prices published on 2026-")
                    .contains("time       unknown: the provider tells its limits with its first reply");
        }
        assertThat(simulator.statuses().of(Endpoint.EMBEDDINGS)).isZero();
    }

    @Test
    void theRunPausesAtTheBudgetAndGoesOnWithALargerOneWithoutPayingTwice() throws IOException {
        // given
        createDocuments(6_000, 1);
        TestingManifest manifest = manifest()
                .with("spec.embedder.openai.limits", Map.of("maxRequestTexts", 50))
                .with("spec.budget.maxCostUsd", "3.00");

        // when
        try (RunnerProcess paused = run(manifest, "paused").execute()) {
            // then
            assertThat(paused.exitCode()).as(paused.errors()).isEqualTo(BUDGET_EXHAUSTED);
            assertThat(paused.complaints()).singleElement().asString().contains("spec.budget.maxCostUsd");
        }
        assertThat(lastWords("paused").path("phase").asText()).isEqualTo("Paused");
        assertThat(billed()).isGreaterThan(new BigDecimal("2.00")).isLessThanOrEqualTo(new BigDecimal("3.00"));
        assertThat(spent("paused")).isEqualByComparingTo(billed());

        // when
        runToTheEnd(run(manifest.with("spec.budget.maxCostUsd", "100.00"), "larger"));

        // then
        new Vectors(database, "vectors").holdExactly(6_000).areAccountedFor(6_000);
        new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
        assertThat(simulator.ledger().textsDeliveredTwice()).isZero();
        assertThat(spent("larger")).isEqualByComparingTo(billed());
    }

    @Test
    void aBudgetWithoutAPriceIsRefused() {
        createDocuments(1, 1);
        TestingManifest manifest = manifest()
                .with("spec.embedder.openai.model", "somebodys-own-model")
                .without("spec.embedder.openai.price")
                .with("spec.budget.maxCostUsd", "1.00");

        try (RunnerProcess refused = run(manifest, "refused").execute()) {
            assertThat(refused.exitCode()).isEqualTo(64);
            assertThat(refused.complaints()).singleElement().asString().contains("give spec.embedder.openai.price");
        }
    }

    @Test
    void whoIsKilledLosesNoDocumentAndHidesNoMoney() throws IOException {
        // given
        simulator.close();
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults().withLatency(Duration.ofMillis(300)));
        createDocuments(8_000, 1);
        RunnerCommand command = run(manifest().with("spec.budget.maxCostUsd", "100.00"), "killed");

        // when
        for (int kill = 1; kill <= 3; kill++) {
            long requests = simulator.statuses().of(Endpoint.EMBEDDINGS) + 7L * kill;
            try (RunnerProcess runner = command.start()) {
                runner.awaitUntil(
                        "some requests were answered",
                        () -> simulator.statuses().of(Endpoint.EMBEDDINGS) >= requests);
                runner.kill();
            }
        }
        runToTheEnd(command);

        // then
        new Vectors(database, "vectors").holdExactly(8_000).areAccountedFor(8_000);
        new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
        BigDecimal billed = billed();
        System.out.printf(
                "Three kills: billed %s USD, counted %s USD, paid again %d texts of 8000%n",
                billed, spent("killed"), simulator.ledger().textsDeliveredTwice());
        assertThat(spent("killed")).isGreaterThanOrEqualTo(billed);
    }

    @Test
    void whoIsStoppedPaysForNothingTwice() throws IOException {
        // given
        simulator.close();
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults().withLatency(Duration.ofMillis(300)));
        createDocuments(8_000, 1);
        RunnerCommand command = run(manifest(), "stopped");

        // when
        try (RunnerProcess runner = command.start()) {
            runner.awaitUntil(
                    "some requests were answered", () -> simulator.statuses().of(Endpoint.EMBEDDINGS) >= 5);
            runner.signal("TERM");
            assertThat(runner.await().exitCode()).as(runner.errors()).isEqualTo(143);
        }
        runToTheEnd(command);

        // then
        new Vectors(database, "vectors").holdExactly(8_000).areAccountedFor(8_000);
        assertThat(simulator.ledger().textsDeliveredTwice()).isZero();
        assertThat(spent("stopped")).isEqualByComparingTo(billed());
    }

    @Test
    void whoIsStoppedWhileItWaitsForTheLimitPaysForNothingTwice() throws IOException {
        // given a limit that lets a request through now and then, so that a window takes longer than a pod has to stop
        simulator.limit(ModelLimits.perMinute(10, 10_000_000));
        createDocuments(8_000, 1);
        RunnerCommand command =
                run(manifest().with("spec.embedder.openai.limits", Map.of("maxRequestTexts", 50)), "waiting");

        // when
        try (RunnerProcess runner = command.start()) {
            runner.awaitUntil(
                    "some requests were answered", () -> simulator.statuses().of(Endpoint.EMBEDDINGS, 200) >= 3);
            runner.signal("TERM");
            assertThat(runner.await().exitCode()).as(runner.errors()).isEqualTo(143);
            assertThat(runner.errors()).doesNotContain("is abandoned");
        }
        assertThat(database.number("SELECT count(*) FROM vectors"))
                .isEqualTo(simulator.statuses().of(Endpoint.EMBEDDINGS, 200) * 50);
        simulator.limit(ModelLimits.perMinute(6_000, 10_000_000));
        runToTheEnd(command);

        // then
        new Vectors(database, "vectors").holdExactly(8_000).areAccountedFor(8_000);
        assertThat(simulator.ledger().textsDeliveredTwice()).isZero();
        assertThat(spent("waiting")).isEqualByComparingTo(billed());
    }

    @Test
    void whoIsStoppedInAnOutageOfTheProviderPaysForNothingTwice() throws IOException {
        // given
        createDocuments(8_000, 1);
        simulator.faults().onRequests(Endpoint.EMBEDDINGS, 11, Long.MAX_VALUE, Fault.ServerError.overloaded());
        RunnerCommand command =
                run(manifest().with("spec.embedder.openai.limits", Map.of("maxRequestTexts", 50)), "outage");

        // when
        try (RunnerProcess runner = command.start()) {
            runner.awaitUntil("the server was away", () -> simulator.statuses().of(Endpoint.EMBEDDINGS, 503) >= 20);
            runner.signal("TERM");
            assertThat(runner.await().exitCode()).as(runner.errors()).isEqualTo(143);
            assertThat(runner.errors()).doesNotContain("is abandoned");
        }
        assertThat(database.number("SELECT count(*) FROM vectors")).isEqualTo(500);
        simulator.faults().clear();
        runToTheEnd(command);

        // then
        new Vectors(database, "vectors").holdExactly(8_000).areAccountedFor(8_000);
        assertThat(simulator.ledger().textsDeliveredTwice()).isZero();
        assertThat(spent("outage")).isEqualByComparingTo(billed());
    }

    @Test
    void eightProcessesShareOneLimitWithoutAWord() {
        // given a bucket that is used up soon, and some more to do
        int processes = 8;
        simulator.limit(ModelLimits.perMinute(6_000, 300_000));
        createDocuments(4_000, 6);
        RunnerCommand command = run(manifest().shards(processes), "shared");

        // when
        List<RunnerProcess> runners = new ArrayList<>();
        try {
            for (int shard = 0; shard < processes; shard++) {
                runners.add(command.forShard(shard).start());
            }
            runners.forEach(RunnerProcess::await);

            // then
            runners.forEach(
                    runner -> assertThat(runner.exitCode()).as(runner.errors()).isZero());
        } finally {
            runners.forEach(RunnerProcess::close);
        }
        new Vectors(database, "vectors").holdExactly(4_000).areAccountedFor(4_000);
        long requests = simulator.statuses().of(Endpoint.EMBEDDINGS);
        long refused = simulator.statuses().of(Endpoint.EMBEDDINGS, 429);
        System.out.printf(
                "Eight processes, %d tokens at 300000 a minute: %d requests, %d of them 429%n",
                simulator.ledger().tokens(), requests, refused);
        assertThat(refused).isLessThanOrEqualTo(requests / 50);
        assertThat(simulator.ledger().textsBilledTwice()).isZero();
    }

    @Test
    void windowsOfAMillionTokensFitIntoASmallHeap() {
        // given documents of which 4 MiB are a window
        createDocuments(4_000, 120);
        RunnerCommand command = run(
                        manifest()
                                .with(
                                        "spec.chunking",
                                        Map.of("strategy", "Recursive", "maxTokens", 512, "overlapTokens", 0))
                                .with("spec.embedder.openai.dimensions", 1_536),
                        "large")
                .with(RunnerCommand.JAVA_OPTIONS, "-Xmx448m");

        // when, then
        runToTheEnd(command);
        System.out.printf(
                "A heap of 448 MB took %d tokens%n", simulator.ledger().tokens());
        assertThat(simulator.ledger().textsBilledTwice()).isZero();
    }

    private void runToTheEnd(RunnerCommand command) {
        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
    }

    private BigDecimal billed() {
        return USD_A_MILLION_TOKENS
                .multiply(BigDecimal.valueOf(simulator.ledger().tokens()))
                .movePointLeft(6);
    }

    private BigDecimal spent(String name) throws IOException {
        return new BigDecimal(lastWords(name).path("whole").path("costUsd").asText());
    }

    private JsonNode lastWords(String name) throws IOException {
        return JSON.readTree(Files.readString(folder.resolve(name + ".json")));
    }

    private RunnerCommand run(TestingManifest manifest, String name) {
        return RunnerCommand.run(manifest.write(folder, name + ".yaml"), database.uri())
                .with(EnvironmentVariable.OPENAI_API_KEY, Account.DEFAULT.key())
                .with(
                        EnvironmentVariable.TERMINATION_MESSAGE_PATH,
                        folder.resolve(name + ".json").toString());
    }

    /** Documents in which no sentence comes twice. */
    private void createDocuments(int documents, int sentences) {
        database.execute(
                "CREATE TABLE documents (id bigint PRIMARY KEY, body text)",
                """
                INSERT INTO documents
                SELECT i, string_agg(format('Document %%s, sentence %%s tells of the river and of the old house.', i, s), E'\\n')
                FROM generate_series(1, %d) i, generate_series(1, %d) s GROUP BY i""".formatted(documents, sentences),
                "ANALYZE documents");
    }

    private TestingManifest manifest() {
        Map<String, Object> openAi = new HashMap<>();
        openAi.put("model", MODEL);
        openAi.put("dimensions", 64);
        openAi.put("baseUrl", simulator.baseUri().toString());
        openAi.put("apiKey", Map.of("secretKeyRef", Map.of("name", "openai", "key", "apiKey")));
        openAi.put("mode", "Realtime");
        openAi.put("price", Map.of("realtimeUsdPerMillionTokens", USD_A_MILLION_TOKENS.toPlainString()));
        return TestingManifest.forTable(folder)
                .with("spec.chunking", Map.of("strategy", "None"))
                .with("spec.embedder", Map.of("openai", openAi));
    }
}
