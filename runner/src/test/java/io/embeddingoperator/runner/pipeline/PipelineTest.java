package io.embeddingoperator.runner.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.testing.TestingEmbedder;
import io.embeddingoperator.runner.testing.TestingShard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PipelineTest {
    private final TestingEmbedder embedder = new TestingEmbedder();
    private final Chunker chunker = Chunker.of(new ChunkingSpec(null, 16, 0), embedder.tokenizer());
    private final List<Integer> completed = new ArrayList<>();

    @Test
    void commitsEveryWindowOnceAndInOrder() throws InterruptedException {
        // given
        List<TestingShard> shards = List.of(shard(0, 40), shard(1, 0), shard(2, 25));

        // when
        run(shards);

        // then
        for (TestingShard shard : shards) {
            assertThat(shard.completed()).isTrue();
        }
        assertThat(completed).containsExactly(0, 1, 2);
        assertThat(shards.getFirst().committed())
                .extracting(window -> window.source().end().value())
                .containsExactlyElementsOf(IntStream.range(0, 40)
                        .mapToObj(i -> Integer.toString(10 * i + 2))
                        .toList());
    }

    @Test
    void givesEveryChunkItsOwnVector() throws InterruptedException {
        // given
        TestingShard shard = shard(0, 10);

        // when
        run(List.of(shard));

        // then
        assertThat(shard.documents()).hasSize(30);
        for (EmbeddedDocument document : shard.documents()) {
            String text = document.document().text();
            assertThat(document.chunks())
                    .allSatisfy(embedded -> assertThat(embedded.vector())
                            .containsExactly(
                                    TestingEmbedder.vector(embedded.chunk().content(text))));
        }
    }

    @Test
    void embedsNothingAgainWhoseHashStandsInTheSink() throws InterruptedException {
        // given
        TestingShard shard = new TestingShard(0, List.of(TestingShard.window(1, "unchanged", "changed")));
        String recipe = chunker.fingerprint() + "|" + embedder.fingerprint();
        shard.knows(new Key.Number(1), DocumentHash.of(recipe, "unchanged"));
        shard.knows(new Key.Number(2), DocumentHash.of(recipe, "as it was before"));

        // when
        run(List.of(shard));

        // then
        Window<EmbeddedDocument> window = shard.committed().getFirst();
        assertThat(window.unchanged()).extracting(Document::key).containsExactly(new Key.Number(1));
        assertThat(window.documents())
                .extracting(document -> document.document().text())
                .containsExactly("changed");
        assertThat(embedder.texts()).isEqualTo(1);
    }

    @Test
    void findsTheGuiltyDocumentAndEmbedsAllOthers() throws InterruptedException {
        // given
        String[] texts = IntStream.range(0, 50).mapToObj(i -> "text " + i).toArray(String[]::new);
        texts[17] = "some " + TestingEmbedder.POISON;
        TestingShard shard = new TestingShard(0, List.of(TestingShard.window(1, texts)));

        // when
        run(List.of(shard));

        // then
        Window<EmbeddedDocument> window = shard.committed().getFirst();
        assertThat(window.documents()).hasSize(49);
        assertThat(window.failed())
                .containsExactly(new FailedDocument(
                        Optional.of("18"),
                        "test id=18",
                        "chunk 0 (chars 0 to 11) cannot be embedded: the model cannot stomach this"));
    }

    @Test
    void keepsEverythingThatIsPaidForWhenTheMoneyIsUsedUp() {
        // given windows of ten documents of one chunk each
        TestingShard shard = new TestingShard(
                0,
                IntStream.range(0, 40)
                        .mapToObj(window -> TestingShard.window(
                                10L * window,
                                IntStream.range(0, 10)
                                        .mapToObj(i -> "text %d of %d".formatted(i, window))
                                        .toArray(String[]::new)))
                        .toList());
        embedder.payFor(95);

        // when
        assertThatThrownBy(() -> run(List.of(shard))).isInstanceOf(BudgetExhaustedException.class);

        // then
        List<EmbeddedDocument> stored = new ArrayList<>(shard.documents());
        stored.addAll(shard.kept());
        assertThat(stored).hasSize((int) embedder.texts());
        assertThat(stored).extracting(EmbeddedDocument::document).doesNotHaveDuplicates();
        assertThat(shard.committed())
                .as("windows before the first that is not whole")
                .allSatisfy(window -> assertThat(window.documents()).hasSize(10))
                .extracting(window -> window.source().end().value())
                .containsExactlyElementsOf(IntStream.range(0, shard.committed().size())
                        .mapToObj(i -> Integer.toString(10 * i + 9))
                        .toList());
        assertThat(shard.completed()).isFalse();
    }

    @Test
    void waitsForWhatIsUnderWayWhenTheMoneyIsUsedUp() {
        // given one window, whose first batch comes back when another has found the money used up
        TestingShard shard = new TestingShard(
                0,
                List.of(TestingShard.window(
                        1,
                        IntStream.range(0, 100).mapToObj("text %d"::formatted).toArray(String[]::new))));
        embedder.payFor(70);
        embedder.answerTheFirstCallLast();

        // when
        assertThatThrownBy(() -> run(List.of(shard))).isInstanceOf(BudgetExhaustedException.class);

        // then
        assertThat(embedder.texts()).isPositive();
        assertThat(shard.kept()).hasSize((int) embedder.texts());
        assertThat(shard.committed()).isEmpty();
    }

    @Test
    void failsAWholeDocumentForOneBadChunk() throws InterruptedException {
        // given a document of several chunks
        String text = "good words here. ".repeat(10) + TestingEmbedder.POISON + " and more. ".repeat(10);
        TestingShard shard = new TestingShard(0, List.of(TestingShard.window(1, text, "good")));

        // when
        run(List.of(shard));

        // then
        assertThat(shard.committed().getFirst().failed())
                .singleElement()
                .satisfies(failed -> assertThat(failed.key()).contains("1"));
        assertThat(shard.documents()).hasSize(1);
    }

    @Test
    void recordsATextWithoutTokensAndADuplicate() throws InterruptedException {
        // given
        TestingShard shard = new TestingShard(0, List.of(TestingShard.window(1, "\u0001", "good", "read twice")));
        FailedDocument duplicate = new FailedDocument(Optional.of("3"), "test id=3", "read elsewhere");
        shard.alreadyReadElsewhere(duplicate);

        // when
        run(List.of(shard));

        // then
        Window<EmbeddedDocument> window = shard.committed().getFirst();
        assertThat(window.failed())
                .containsExactly(duplicate, FailedDocument.empty("1", "test id=1", Preparer.NOTHING_TO_EMBED));
        assertThat(window.documents())
                .extracting(document -> document.document().text())
                .containsExactly("good");
    }

    @Test
    void blamesTheEmbedderWhenPlainTextFailsToo() {
        // given
        TestingShard shard = shard(0, 3);
        embedder.breakDown();

        // when, then
        assertThatThrownBy(() -> run(List.of(shard)))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("the embedder fails for plain text too, so the documents are not to blame:"
                        + " the device is lost");
        assertThat(shard.committed()).isEmpty();
    }

    @Test
    void endsWithTheFailureOfAStage() {
        // given a reader that fails after some windows
        TestingShard shard = shard(0, 100);
        var work = shard.work();
        var failing = new ShardWork(
                0,
                new WindowReader() {
                    private int windows;

                    @Override
                    public Optional<SourceWindow> next() {
                        if (windows++ == 20) {
                            throw new UnavailableException("the source is gone", null);
                        }
                        return work.reader().next();
                    }

                    @Override
                    public void close() {}
                },
                work.sink());

        // when, then
        assertThatThrownBy(() -> pipeline().run(List.of(failing).iterator()))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("the source is gone");
        assertThat(shard.completed()).isFalse();
    }

    @Test
    void keepsWhatIsUnderWayWhenTheSourceFails() {
        // given a reader that fails while the first windows are embedded, which come back later
        TestingShard shard = shard(0, 100);
        CountDownLatch late = new CountDownLatch(1);
        embedder.answerAfter(late);
        WindowReader reader = new WindowReader() {
            private int windows;

            @Override
            public Optional<SourceWindow> next() {
                if (windows++ == 3) {
                    awaitACallAndLetItComeBack(late);
                    throw new UnavailableException("the source is gone", null);
                }
                return shard.next();
            }

            @Override
            public void close() {}
        };

        // when
        assertThatThrownBy(() ->
                        pipeline().run(List.of(new ShardWork(0, reader, shard)).iterator()))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("the source is gone");

        // then
        assertNothingIsLost(shard);
    }

    @Test
    void keepsWhatIsUnderWayWhenATextCannotBeTokenized() {
        // given a tokenizer that fails while the first windows are embedded, which come back later
        TestingShard shard = shard(0, 100);
        CountDownLatch late = new CountDownLatch(1);
        embedder.answerAfter(late);
        Tokenizer failing = new Tokenizer() {
            @Override
            public int maxTokens() {
                return embedder.tokenizer().maxTokens();
            }

            @Override
            public int overheadTokens() {
                return embedder.tokenizer().overheadTokens();
            }

            @Override
            public TokenizedText tokenize(String text) {
                if (text.equals("third 2")) {
                    awaitACallAndLetItComeBack(late);
                    throw new IllegalStateException("the tokenizer is broken");
                }
                return embedder.tokenizer().tokenize(text);
            }

            @Override
            public TokenOffsets offsets(String text) {
                return embedder.tokenizer().offsets(text);
            }
        };
        Pipeline pipeline = new Pipeline(
                embedder,
                Chunker.of(new ChunkingSpec(null, 16, 0), failing),
                new PipelineLimits(3, 10_000, 2, 2),
                new PipelineListeners(List.of()));

        // when
        assertThatThrownBy(() -> pipeline.run(List.of(shard.work()).iterator()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the tokenizer is broken");

        // then
        assertNothingIsLost(shard);
    }

    @Test
    void abandonsWhatIsUnderWayWhenTheSinkFails() {
        // given a sink that is taken away while the first window is embedded, which would never come back
        TestingShard shard = shard(0, 100);
        embedder.answerAfter(new CountDownLatch(1));
        shard.failsWhenAskedForHashes(2, () -> awaitACall());

        // when, then
        assertThatThrownBy(() -> run(List.of(shard)))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("the sink is gone");
        assertThat(shard.committed()).isEmpty();
    }

    /** Well after the caller has failed. */
    private void awaitACallAndLetItComeBack(CountDownLatch moment) {
        awaitACall();
        Thread.ofVirtual().start(() -> {
            sleep(300);
            moment.countDown();
        });
    }

    private void awaitACall() {
        while (embedder.calls() == 0) {
            sleep(5);
        }
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void assertNothingIsLost(TestingShard shard) {
        List<EmbeddedDocument> stored = new ArrayList<>(shard.documents());
        stored.addAll(shard.kept());
        assertThat(embedder.texts()).isPositive();
        assertThat(stored.stream()
                        .mapToLong(document -> document.chunks().size())
                        .sum())
                .isEqualTo(embedder.texts());
        assertThat(shard.completed()).isFalse();
    }

    @Test
    void stopsWithAPrefixOfTheWindowsCommitted() throws InterruptedException {
        // given a pipeline that is asked to stop at the third commit
        TestingShard shard = shard(0, 10_000);
        Pipeline[] pipeline = new Pipeline[1];
        int[] commits = new int[1];
        pipeline[0] = pipeline(new PipelineListener() {
            @Override
            public void embedded(Batch batch) {}

            @Override
            public void committed(int index, Counts counters) {
                if (++commits[0] == 3) {
                    pipeline[0].stop();
                }
            }

            @Override
            public void completed(int index) {}
        });

        // when
        pipeline[0].run(List.of(shard.work()).iterator());

        // then
        assertThat(shard.completed()).isFalse();
        assertThat(shard.committed()).hasSizeBetween(3, 9_000);
        assertThat(shard.committed())
                .extracting(window -> window.source().end().value())
                .containsExactlyElementsOf(IntStream.range(0, shard.committed().size())
                        .mapToObj(i -> Integer.toString(10 * i + 2))
                        .toList());
    }

    @Test
    void letsAWindowBeyondTheMemoryBudgetThroughAlone() throws InterruptedException {
        // given
        String huge = "word ".repeat(2_000);
        TestingShard shard = new TestingShard(
                0,
                List.of(TestingShard.window(0, huge), TestingShard.window(10, "small"), TestingShard.window(20, huge)));
        Pipeline pipeline =
                new Pipeline(embedder, chunker, new PipelineLimits(2, 100, 1, 1, 1), new PipelineListeners(List.of()));

        // when
        pipeline.run(List.of(shard.work()).iterator());

        // then
        assertThat(shard.documents()).hasSize(3);
    }

    @Test
    void embedsNoMoreWindowsAtATimeThanTheirVectorsHaveRoomFor() throws InterruptedException {
        // given room for the vectors of one window of thirty documents, which is one batch
        TestingShard shard = new TestingShard(
                0,
                IntStream.range(0, 20)
                        .mapToObj(window -> TestingShard.window(
                                30L * window,
                                IntStream.range(0, 30)
                                        .mapToObj(i -> "text %d of %d".formatted(i, window))
                                        .toArray(String[]::new)))
                        .toList());
        List<Integer> begun = new ArrayList<>();
        Pipeline pipeline = new Pipeline(
                embedder, chunker, new PipelineLimits(3, 100_000, 30 * 2 * Float.BYTES, 4, 2), new PipelineListener() {
                    @Override
                    public void embedded(Batch batch) {}

                    @Override
                    public void committed(int index, Counts counters) {
                        sleep(20);
                        begun.add(embedder.calls());
                    }

                    @Override
                    public void completed(int index) {}
                });

        // when
        pipeline.run(List.of(shard.work()).iterator());

        // then no window was begun before the one before it was committed
        assertThat(begun)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
    }

    private void run(List<TestingShard> shards) throws InterruptedException {
        pipeline().run(shards.stream().map(TestingShard::work).iterator());
    }

    private Pipeline pipeline() {
        return pipeline(new PipelineListener() {
            @Override
            public void embedded(Batch batch) {}

            @Override
            public void committed(int shard, Counts counters) {}

            @Override
            public void completed(int shard) {
                completed.add(shard);
            }
        });
    }

    private Pipeline pipeline(PipelineListener listener) {
        return new Pipeline(embedder, chunker, new PipelineLimits(3, 10_000, 2, 2), listener);
    }

    private static TestingShard shard(int shard, int windows) {
        return new TestingShard(
                shard,
                IntStream.range(0, windows)
                        .mapToObj(i -> TestingShard.window(
                                10L * i, "first of " + i, "second of " + i + ". ".repeat(30), "third " + i))
                        .toList());
    }
}
