package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiMode;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.embed.openai.OpenAiTokenizer;
import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.batch.BatchLines;
import io.embeddingoperator.runner.embed.openai.batch.OpenAiForm;
import io.embeddingoperator.runner.embed.openai.batch.RequestLines;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.embed.openai.reply.BatchFileLimits;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.pipeline.DeferredEmbedding;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.Pipeline;
import io.embeddingoperator.runner.pipeline.PipelineLimits;
import io.embeddingoperator.runner.pipeline.PipelineListener;
import io.embeddingoperator.runner.pipeline.ShardWork;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.WorkUnit;
import io.embeddingoperator.runner.testing.SimulatedRows;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import io.embeddingoperator.runner.testing.TestingShard;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A run of one shard through batches of the simulator into a database of its own, all in this process. */
public final class TestingBatchRun implements AutoCloseable {
    static final String MODEL = "text-embedding-3-small";
    static final int DIMENSIONS = 8;
    static final int DOCUMENTS_A_WINDOW = 10;
    static final BigDecimal PRICE = new BigDecimal("0.01");

    /** The simulator's batches take fractions of a second. */
    static final BatchTiming HASTE = new BatchTiming(
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            Duration.ofMillis(50),
            Duration.ofMillis(200),
            Duration.ofMillis(100),
            Duration.ofMillis(300));

    private static final SourceSchema SCHEMA =
            new SourceSchema("documents", "id", KeyType.BIGINT, List.of(), KeyOrder.BY_KEY, WorkUnit.DOCUMENTS);

    private final OpenAiSimulator simulator;
    private final TestingDatabase database = TestingDatabase.create();
    private final List<SourceWindow> windows;
    private final int documents;
    private final OpenAiHttp http;
    private final EmbeddingSink sink;
    private RequestEmbedder embedder;
    private final BatchForm form;
    private BatchLines lines;
    private IntConsumer reading = _ -> {};
    private BatchRules rules = new BatchRules("default/testing", 1, -1, OptionalLong.empty());
    private Optional<BigDecimal> budget = Optional.empty();
    private Run run;
    private int nonce = 1;

    /** Documents of one to four chunks, no two of which are the same. */
    static TestingBatchRun of(SimulatorSettings settings, int documents) {
        return new TestingBatchRun(settings, documents, TestingBatchRun::text);
    }

    static String text(int document) {
        return IntStream.rangeClosed(0, document % 4)
                .mapToObj(i -> "Sentence %d of document %d tells of water.".formatted(i, document))
                .collect(Collectors.joining(" "));
    }

    /** @param text of each document, by its key from 1 */
    private TestingBatchRun(SimulatorSettings settings, int documents, IntFunction<String> text) {
        this.simulator = OpenAiSimulator.start(settings);
        this.documents = documents;
        this.windows = windows(documents, text);
        OpenAiEmbedder spec = spec(settings.profile());
        this.form = BatchForm.of(spec);
        this.lines = form.lines(
                Map.of(settings.profile().dimensionsName(), Integer.toString(DIMENSIONS)), BatchFileLimits.LINE_TOKENS);
        this.http = OpenAiHttp.open(
                form.endpoint(
                        spec,
                        OpenAiEndpoint.of(spec, Map.of(EnvironmentVariable.OPENAI_API_KEY, Account.DEFAULT.key()))),
                8);
        this.sink = EmbeddingSink.open(
                new PgvectorSink(
                        new SecretValue(new SecretKeyReference("vectors", "uri")),
                        "public.vectors",
                        VectorType.Vector,
                        new IndexSpec(IndexType.None, DistanceMetric.Cosine, null, null, null),
                        OrphanPolicy.Keep,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null),
                ConnectionUri.parse("EMBEDDING_SINK_URI", database.uri()));
        this.sink.prepare("default/articles", SCHEMA, DIMENSIONS, DistanceMetric.Cosine, Recipe.read("recipe"));
        this.embedder = new RequestEmbedder(http);
    }

    /** Of OpenAI's form. */
    public static RequestLines lines(String model, Map<String, String> members) {
        return new OpenAiForm(OpenAiServer.OpenAI, model, "/v1/embeddings").lines(members, BatchFileLimits.LINE_TOKENS);
    }

    OpenAiSimulator simulator() {
        return simulator;
    }

    TestingDatabase database() {
        return database;
    }

    TestingBatchRun with(BatchRules other) {
        rules = other;
        return this;
    }

    TestingBatchRun with(BatchLines other) {
        lines = other;
        return this;
    }

    TestingBatchRun withBudget(String usd) {
        budget = Optional.of(new BigDecimal(usd));
        return this;
    }

    /** From now on another run of the job, as after a new runNonce. */
    TestingBatchRun again() {
        nonce++;
        return this;
    }

    /** @param before each window is read, by its place from 0 */
    TestingBatchRun reading(IntConsumer before) {
        reading = before;
        return this;
    }

    RequestEmbedder embedder() {
        return embedder;
    }

    /** Runs until everything is embedded. */
    void run() {
        try (OpenAiBatches batches = open()) {
            run(batches);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Begins another run of the job, by requests: what the batches have brought is stored, and nothing is left of them. */
    void settle() {
        again();
        try (OpenAiBatches batches = open()) {
            ShardLease lease = sink.take(run, 0).orElseThrow();
            batches.settle(sink.pending(run, lease, new BatchMoney(PRICE, budget)));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    OpenAiBatches open() {
        run = sink.openRun(
                new RunRequest("default/testing", nonce, "specification", "recipe", false),
                () -> List.of(new ShardRange(0, "all", documents)));
        return OpenAiBatches.open(
                rules,
                http,
                form,
                lines,
                OpenAiTokenizer.of(MODEL, 8_191, ""),
                embedder,
                new Silence(),
                new Silence(),
                HASTE);
    }

    void run(OpenAiBatches batches) throws InterruptedException {
        Pipeline pipeline = new Pipeline(
                embedder,
                Chunker.of(new ChunkingSpec(null, 12, 0), embedder.tokenizer()),
                new PipelineLimits(2, 1_000_000, 1, 2),
                new Silence());
        Optional<ShardLease> lease = sink.take(run, 0);
        if (lease.isPresent()) {
            WindowSink window = sink.windows(run, lease.get(), SCHEMA, Durability.EVERY_WINDOW);
            PendingDocuments pending = sink.pending(run, lease.get(), new BatchMoney(PRICE, budget));
            DeferredEmbedding later = batches.take(0, pending, window);
            ShardWork work = new ShardWork(0, reader(lease.get().position()), window, Optional.of(later));
            try {
                pipeline.run(List.of(work).iterator());
            } catch (BudgetExhaustedException e) {
                batches.await();
                throw e;
            }
            batches.await();
        }
    }

    /** Every document once with the right vectors, nothing left at the provider, and the money is what was billed. */
    void assertAllIsEmbeddedOnce() {
        assertEmbedded(documents);
        assertThat(failedKeys()).isEmpty();
    }

    void assertEmbedded(long expected) {
        assertThat(database.number("SELECT count(DISTINCT id) FROM vectors")).isEqualTo(expected);
        assertThat(database.texts("SELECT id || '#' || chunk FROM vectors")).doesNotHaveDuplicates();
        new SimulatedRows(database, "vectors", MODEL).holdTheVectorsOfTheirContents();
        assertThat(database.counter("vectors", "embedded")).isEqualTo(expected);
        assertThat(database.number("SELECT count(*) FROM embedding_operator.shards WHERE completed_at IS NULL"))
                .isZero();
        assertThat(database.number("SELECT count(*) FROM embedding_operator.pending_documents"))
                .isZero();
        assertNothingIsLeftAtTheProvider();
        assertThat(simulator.violations()).isEmpty();
        assertThat(simulator.ledger().textsDeliveredTwice())
                .as("texts that were paid for twice")
                .isZero();
    }

    void assertNothingIsLeftAtTheProvider() {
        assertThat(simulator.files()).as("files").isEmpty();
        assertThat(simulator.batches())
                .as("batches")
                .allMatch(batch -> batch.state().ended());
    }

    void assertTheMoneyIsWhatWasBilled() {
        assertThat(spentUsd()).isEqualByComparingTo(simulator.ledger().costUsd());
    }

    BigDecimal spentUsd() {
        return sink.money(run).spentUsd().orElseThrow();
    }

    BigDecimal estimatedUsd() {
        return sink.money(run).estimatedUsd().orElse(BigDecimal.ZERO);
    }

    List<String> failedKeys() {
        return database.texts("SELECT key FROM embedding_operator.failed_documents ORDER BY key::int");
    }

    List<String> failedReasons() {
        return database.texts("SELECT reason FROM embedding_operator.failed_documents ORDER BY key::int");
    }

    int batchesMade() {
        return simulator.batches().size();
    }

    private WindowReader reader(Optional<Position> position) {
        int first = position.map(place -> Integer.parseInt(place.value()) / DOCUMENTS_A_WINDOW)
                .orElse(0);
        return new WindowReader() {
            private int next = first;

            @Override
            public Optional<SourceWindow> next() {
                reading.accept(next);
                return next < windows.size() ? Optional.of(windows.get(next++)) : Optional.empty();
            }

            @Override
            public void close() {}
        };
    }

    private static List<SourceWindow> windows(int documents, IntFunction<String> text) {
        List<SourceWindow> windows = new ArrayList<>();
        for (int first = 1; first <= documents; first += DOCUMENTS_A_WINDOW) {
            String[] texts = IntStream.range(first, Math.min(documents + 1, first + DOCUMENTS_A_WINDOW))
                    .mapToObj(text)
                    .toArray(String[]::new);
            windows.add(TestingShard.window(first, texts));
        }
        return windows;
    }

    private OpenAiEmbedder spec(Profile profile) {
        return TestingOpenAi.model(MODEL, DIMENSIONS)
                .with("baseUrl", simulator.baseUri().toString())
                .with("server", server(profile))
                .with("apiKey", new SecretValue(new SecretKeyReference("openai", "key")))
                .with("mode", OpenAiMode.Batch)
                .embedder();
    }

    private static OpenAiServer server(Profile profile) {
        return switch (profile) {
            case AZURE -> OpenAiServer.AzureOpenAI;
            case LITELLM -> OpenAiServer.LiteLLM;
            case MISTRAL -> OpenAiServer.Mistral;
            case GEMINI -> OpenAiServer.Gemini;
            case OPENAI, TEXT_EMBEDDINGS_INFERENCE, VLLM, VLLM_WITHOUT_BASE64, INFINITY, OLLAMA -> OpenAiServer.OpenAI;
        };
    }

    @Override
    public void close() {
        sink.close();
        http.close();
        simulator.close();
    }

    private static final class Silence implements PipelineListener, BatchListener {
        @Override
        public void embedded(Batch batch) {}

        @Override
        public void committed(int shard, Counts counters) {}

        @Override
        public void completed(int shard) {}

        @Override
        public void polled() {}
    }
}
