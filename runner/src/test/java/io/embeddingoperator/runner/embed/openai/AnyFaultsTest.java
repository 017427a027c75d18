package io.embeddingoperator.runner.embed.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.embedding.SimulatedVectors;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.pipeline.EmbeddedChunk;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Pipeline;
import io.embeddingoperator.runner.pipeline.PipelineLimits;
import io.embeddingoperator.runner.pipeline.PipelineListeners;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.testing.TestingShard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Short runs through what servers and gateways do wrong, drawn at random: the pipeline, the embedder and HTTP are those of the
 * program, against the simulator; the source and the sink are in memory.
 */
class AnyFaultsTest {
    private static final String MODEL = "text-embedding-3-small";
    private static final int DIMENSIONS = 8;

    /** Fewer in {@code make test-fast}. */
    private static final int RUNS = Integer.getInteger("embedding.faults.runs", 1_000);

    /** Most of a run is waiting. */
    private static final int AT_A_TIME = 16;

    private static final Duration LONGEST = Duration.ofSeconds(90);

    /** Of an outage of two seconds; the rest are pauses that the server asks for. */
    private static final Duration LONGEST_RUN = Duration.ofSeconds(20);

    private static final ProviderRequests.Patience PATIENCE = new ProviderRequests.Patience(
            Duration.ofSeconds(2), Duration.ofMillis(2), Duration.ofMillis(20), Duration.ofMillis(50));

    /** That of a failed run is tried alone with {@code -Dembedding.faults.seed=…}. */
    private static final Optional<Long> SEED = Optional.ofNullable(Long.getLong("embedding.faults.seed"));

    @Test
    void everyRunEndsWithTheRightRowsAndTheWholeBillOrWithASentence() throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Callable<Optional<AssertionError>>> runs = SEED.map(LongStream::of)
                    .orElseGet(() -> LongStream.range(0, RUNS))
                    .mapToObj(seed -> (Callable<Optional<AssertionError>>)
                            () -> System.nanoTime() < end ? failure(seed) : Optional.empty())
                    .toList();
            List<AssertionError> failures = new ArrayList<>();
            for (Future<Optional<AssertionError>> run : threads.invokeAll(runs)) {
                run.get().ifPresent(failures::add);
            }
            assertThat(failures).isEmpty();
        }
    }

    private static Optional<AssertionError> failure(long seed) throws InterruptedException {
        RandomGenerator random = new SplittableRandom(seed);
        DrawnFaults faults = DrawnFaults.of(random);
        try {
            new ShortRun(seed, random, faults).check();
            return Optional.empty();
        } catch (AssertionError e) {
            return Optional.of(new AssertionError("seed %d, %s: %s".formatted(seed, faults, e.getMessage()), e));
        }
    }

    /** A run of some windows, and what came of it. */
    private static final class ShortRun {
        private final DrawnFaults faults;
        private final int documents;
        private final TestingShard shard;
        private final RecordedBudget budget = RecordedBudget.unlimited();
        private final long billed;
        private final Duration took;
        private Optional<RunnerException> ending = Optional.empty();

        ShortRun(long seed, RandomGenerator random, DrawnFaults faults) throws InterruptedException {
            this.faults = faults;
            this.documents = random.nextInt(1, 40);
            this.shard = new TestingShard(0, windows(seed, documents, random.nextInt(1, 12)));
            long start = System.nanoTime();
            OpenAiSimulator simulator = OpenAiSimulator.start(SimulatorSettings.defaults());
            try (simulator) {
                faults.schedule(simulator.faults());
                embed(simulator, random.nextInt(1, 20), random.nextInt(12, 40));
            }
            this.took = Duration.ofNanos(System.nanoTime() - start);
            this.billed = simulator.ledger().tokens();
        }

        private void embed(OpenAiSimulator simulator, int textsARequest, int chunkTokens) throws InterruptedException {
            OpenAiEmbedder spec = spec(simulator, textsARequest);
            try (OpenAiTextEmbedder embedder = OpenAiTextEmbedder.open(
                    spec, Map.of(EnvironmentVariable.OPENAI_API_KEY, Account.DEFAULT.key()), PATIENCE)) {
                embedder.begin(budget, ProviderListener.NONE);
                new Pipeline(
                                embedder,
                                Chunker.of(new ChunkingSpec(null, chunkTokens, 0), embedder.tokenizer()),
                                new PipelineLimits(3, 100_000, 4, 1),
                                new PipelineListeners(List.of()))
                        .run(List.of(shard.work()).iterator());
            } catch (RunnerException e) {
                ending = Optional.of(e);
            }
        }

        void check() {
            assertThat(took).isLessThan(LONGEST_RUN);
            assertThat(budget.open()).as("requests that were not settled").isZero();
            assertThat(budget.spent()).as("tokens in the books").isGreaterThanOrEqualTo(billed);
            checkRows();
            ending.ifPresentOrElse(this::checkSentence, this::checkAllIsDone);
            if (faults.curable()) {
                assertThat(ending).isEmpty();
                assertThat(failed())
                        .allSatisfy(failed -> assertThat(
                                        faults.ofTexts().orElseThrow().error().message())
                                .isSubstringOf(failed.reason()));
            }
        }

        private void checkRows() {
            List<EmbeddedDocument> stored = new ArrayList<>(shard.documents());
            stored.addAll(shard.kept());
            assertThat(stored).extracting(EmbeddedDocument::document).doesNotHaveDuplicates();
            for (EmbeddedDocument document : stored) {
                String text = document.document().text();
                assertThat(document.chunks().stream()
                                .map(embedded -> embedded.chunk().content(text))
                                .collect(Collectors.joining()))
                        .isEqualToIgnoringWhitespace(text);
                for (EmbeddedChunk embedded : document.chunks()) {
                    String content = embedded.chunk().content(text);
                    assertThat(embedded.vector()).containsExactly(SimulatedVectors.vector(MODEL, content, DIMENSIONS));
                    assertThat(faults.takes(content))
                            .as("a text that the server refuses")
                            .isTrue();
                }
            }
        }

        private List<FailedDocument> failed() {
            return shard.committed().stream()
                    .map(Window::failed)
                    .flatMap(List::stream)
                    .toList();
        }

        private void checkSentence(RunnerException e) {
            assertThat(e.getMessage())
                    .hasSizeGreaterThan(20)
                    .doesNotContain("Exception", "java.", "null", "io.vertx", "io.netty");
            assertThat(shard.completed()).isFalse();
        }

        private void checkAllIsDone() {
            assertThat(shard.completed()).isTrue();
            assertThat(shard.documents().size() + failed().size()).isEqualTo(documents);
        }
    }

    /** No two documents are the same, nor are those of two runs. */
    private static List<SourceWindow> windows(long seed, int documents, int documentsAWindow) {
        List<SourceWindow> windows = new ArrayList<>();
        for (int first = 1; first <= documents; first += documentsAWindow) {
            String[] texts = IntStream.range(first, Math.min(documents + 1, first + documentsAWindow))
                    .mapToObj(document -> IntStream.rangeClosed(0, document % 4)
                            .mapToObj(i ->
                                    "Sentence %d of document %d of run %d tells of water.".formatted(i, document, seed))
                            .collect(Collectors.joining(" ")))
                    .toArray(String[]::new);
            windows.add(TestingShard.window(first, texts));
        }
        return windows;
    }

    private static OpenAiEmbedder spec(OpenAiSimulator simulator, int textsARequest) {
        return JsonMapper.builder()
                .build()
                .convertValue(
                        Map.of(
                                "model",
                                MODEL,
                                "dimensions",
                                DIMENSIONS,
                                "baseUrl",
                                simulator.baseUri().toString(),
                                "apiKey",
                                Map.of("secretKeyRef", Map.of("name", "openai", "key", "apiKey")),
                                "limits",
                                Map.of("maxRequestTexts", textsARequest)),
                        OpenAiEmbedder.class);
    }
}
