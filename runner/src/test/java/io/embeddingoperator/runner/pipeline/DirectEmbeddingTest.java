package io.embeddingoperator.runner.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.testing.TestingEmbedder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DirectEmbeddingTest {
    private final TestingEmbedder embedder = new TestingEmbedder();

    @Test
    void sharesTheConcurrencyOfTheEmbedderAmongAllWhoAsk() throws Exception {
        // given
        embedder.slowDown();
        DirectEmbedding direct = new DirectEmbedding(embedder, new Silence());
        List<Callable<OpenDocuments>> shards = new ArrayList<>();
        for (int shard = 0; shard < 8; shard++) {
            shards.add(() -> direct.embed(documents(200)));
        }

        // when
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<OpenDocuments> outcome : threads.invokeAll(shards)) {
                assertThat(outcome.get().embedded()).hasSize(200);
            }
        }

        // then
        assertThat(embedder.mostUnderWay()).isEqualTo(embedder.concurrency());
    }

    @Test
    void whatABatchThatFailedHasEmbeddedIsNotEmbeddedAgain() throws Exception {
        // given
        embedder.keepWhatIsGood();
        DirectEmbedding direct = new DirectEmbedding(embedder, new Silence());

        // when
        OpenDocuments outcome =
                direct.embed(documents(20, i -> i == 7 ? TestingEmbedder.POISON : "document number " + i));

        // then
        assertThat(outcome.embedded()).hasSize(19);
        assertThat(outcome.refused())
                .singleElement()
                .satisfies(failed -> assertThat(failed.location()).isEqualTo("row 7"));
        assertThat(embedder.calls()).as("all, the bad one, plain text").isEqualTo(3);
    }

    private List<WaitingDocument> documents(int count) {
        return documents(count, i -> "document number " + i);
    }

    private List<WaitingDocument> documents(int count, IntFunction<String> texts) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    String text = texts.apply(i);
                    return new WaitingDocument(
                            new Document(new Key.Number(i), text, List.of(), "row " + i),
                            DocumentHash.of("recipe", text),
                            List.of(Chunk.of(0, embedder.tokenizer().tokenize(text))));
                })
                .toList();
    }

    private static final class Silence implements PipelineListener {
        @Override
        public void embedded(Batch batch) {}

        @Override
        public void committed(int shard, Counts counters) {}

        @Override
        public void completed(int shard) {}
    }
}
