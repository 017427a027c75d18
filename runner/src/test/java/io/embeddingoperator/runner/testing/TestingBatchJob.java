package io.embeddingoperator.runner.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.runner.manifest.ManifestReader;
import io.embeddingoperator.runner.run.JobCancellation;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A job whose documents go through batches of the simulator, run by processes of the packaged application. No two of its texts
 * are the same, so that the simulator's ledger tells what was paid for twice.
 */
public final class TestingBatchJob implements AutoCloseable {
    private static final String MODEL = "text-embedding-3-small";

    /** A fiftieth of the usual pauses: the simulator's batches take a second. */
    static final String HASTE = "-Dembedding.batches.pace=0.02";

    private final OpenAiSimulator simulator;
    private final TestingDatabase database = TestingDatabase.create();
    private final Path folder;
    private TestingManifest manifest;
    private String javaOptions = HASTE;

    public TestingBatchJob(Path folder, SimulatorSettings settings) {
        this.folder = folder;
        this.simulator = OpenAiSimulator.start(settings);
        this.manifest = TestingManifest.forTable(folder)
                .without("spec.embedder.onnx")
                .with("spec.chunking.maxTokens", 16)
                .with("spec.embedder.openai", openAi("Batch"));
    }

    /** With batches that take about a second. */
    public static TestingBatchJob quick(Path folder) {
        return new TestingBatchJob(
                folder, SimulatorSettings.defaults().withTiming(BatchTiming.of(Duration.ofMillis(100))));
    }

    /** Documents of one to four chunks. */
    public TestingBatchJob documents(int documents) {
        database.execute(
                "CREATE TABLE documents (id bigint PRIMARY KEY, body text)",
                """
                INSERT INTO documents
                SELECT i, (SELECT string_agg('Sentence ' || s || ' of document ' || i || ' tells of water.', ' ' ORDER BY s)
                  FROM generate_series(0, i %% 4) s)
                FROM generate_series(1, %d) i""".formatted(documents),
                "ANALYZE documents");
        return this;
    }

    public OpenAiSimulator simulator() {
        return simulator;
    }

    public TestingDatabase database() {
        return database;
    }

    public TestingBatchJob with(String field, Object value) {
        manifest = manifest.with(field, value);
        return this;
    }

    /** {@code Batch}, {@code Auto} or {@code Realtime}. */
    public TestingBatchJob mode(String mode) {
        return with("spec.embedder.openai.mode", mode);
    }

    public TestingBatchJob shards(int shards) {
        manifest = manifest.shards(shards);
        return this;
    }

    /** Options of the runner's JVM, in place of those that make it hurry. */
    public TestingBatchJob javaOptions(String options) {
        javaOptions = options;
        return this;
    }

    public RunnerCommand run() {
        return command(RunnerCommand.run(manifest.write(folder), database.uri()));
    }

    public RunnerCommand cancel(int seconds) {
        return command(RunnerCommand.of(
                        "cancel", "-f", manifest.write(folder).toString(), "--timeout", Integer.toString(seconds)))
                .with(EnvironmentVariable.SINK_URI, database.uri());
    }

    /** As {@link #cancel}, in this process and at the usual pace. */
    public ExitCode cancelHere(Duration patience) throws InterruptedException {
        return JobCancellation.of(
                ManifestReader.read(manifest.write(folder)),
                RunnerEnvironment.of(Map.of(
                        EnvironmentVariable.SINK_URI,
                        database.uri(),
                        EnvironmentVariable.OPENAI_API_KEY,
                        Account.DEFAULT.key())),
                patience,
                _ -> {});
    }

    private RunnerCommand command(RunnerCommand command) {
        return command.with(EnvironmentVariable.OPENAI_API_KEY, Account.DEFAULT.key())
                .with(RunnerCommand.JAVA_OPTIONS, javaOptions + " -Djava.io.tmpdir=" + folder);
    }

    /** Runs to the end, which is a good one. */
    public void runToTheEnd() {
        try (RunnerProcess runner = run().execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
    }

    /** State of the newest batch, or nothing. */
    public String state() {
        List<String> states = database.number("SELECT (to_regclass('embedding_operator.batches') IS NOT NULL)::int")
                        == 0
                ? List.of()
                : database.texts("SELECT state FROM embedding_operator.batches ORDER BY created_at DESC LIMIT 1");
        return states.isEmpty() ? "" : states.getFirst();
    }

    /** Each document once with the right vectors, nothing at the provider, nothing paid twice, and every cent on the account. */
    public void assertEmbeddedOnce(int documents) {
        assertThat(database.number("SELECT count(DISTINCT id) FROM vectors")).isEqualTo(documents);
        assertThat(database.texts("SELECT id || '#' || chunk FROM vectors")).doesNotHaveDuplicates();
        new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
        assertThat(database.number("SELECT count(*) FROM embedding_operator.pending_documents"))
                .isZero();
        assertThat(database.number("SELECT count(*) FROM embedding_operator.runs"
                        + " WHERE completed_at IS NULL AND replaced_at IS NULL"))
                .isZero();
        assertNothingIsLeftAtTheProvider();
        assertThat(simulator.ledger().textsDeliveredTwice())
                .as("texts that were paid for twice")
                .isZero();
        assertThat(spentUsd()).isEqualByComparingTo(simulator.ledger().costUsd());
        assertThat(folder.toFile().list((_, name) -> name.startsWith("embedding-runner-batches")))
                .as("temporary files")
                .isEmpty();
    }

    public void assertNothingIsLeftAtTheProvider() {
        assertThat(simulator.files()).as("files").isEmpty();
        assertThat(simulator.batches())
                .as("batches")
                .allMatch(batch -> batch.state().ended());
        assertThat(simulator.violations()).isEmpty();
    }

    /** What all runs of the job have spent by their own account. */
    public BigDecimal spentUsd() {
        return new BigDecimal(database.texts("""
                        SELECT coalesce((SELECT sum(spent_usd) FROM embedding_operator.runs), 0)
                          + coalesce((SELECT sum(spent + leased) FROM embedding_operator.spending), 0)
                          + coalesce((SELECT sum(coalesce(billed_tokens, tokens) * usd_per_million_tokens / 1000000)
                              FROM embedding_operator.batches WHERE state <> 'Packed'), 0)
                        """).getFirst());
    }

    private Map<String, Object> openAi(String mode) {
        Map<String, Object> openAi = new TreeMap<>();
        openAi.put("model", MODEL);
        openAi.put("dimensions", 8);
        openAi.put("baseUrl", simulator.baseUri().toString());
        openAi.put("apiKey", Map.of("secretKeyRef", Map.of("name", "openai", "key", "apiKey")));
        openAi.put("mode", mode);
        return openAi;
    }

    @Override
    public void close() {
        simulator.faults().clear();
        simulator.close();
    }
}
