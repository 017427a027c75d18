package io.embeddingoperator.runner.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.ChunkingStrategy;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Known;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.WorkUnit;
import io.embeddingoperator.runner.testing.TestingEmbedder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EstimatorTest {
    /** Tokens of the embedder that is used here are words. */
    private static final int SHORT_WORDS = 20;

    private static final int LONG_WORDS = 600;

    @Test
    void documentsOfOnePlaceAreNotTakenForThoseOfAnother() throws InterruptedException {
        // given files whose first part holds short documents, and the rest long ones
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 8_000; i++) {
            texts.add("word ".repeat(i % 2 == 0 ? SHORT_WORDS : SHORT_WORDS / 2));
        }
        for (int i = 0; i < 2_000; i++) {
            texts.add("word ".repeat(i % 3 == 0 ? LONG_WORDS : LONG_WORDS / 2));
        }
        try (TestingEmbedder embedder = new TestingEmbedder()) {
            Chunker chunker = Chunker.of(new ChunkingSpec(ChunkingStrategy.None, null, null), embedder.tokenizer());
            long tokens = texts.stream()
                    .mapToLong(text -> embedder.tokenizer().tokenize(text).length())
                    .sum();

            // when
            Estimate estimate = new Estimator(new Files(texts), chunker, embedder).estimate();

            // then
            assertThat(estimate.documents()).isCloseTo(10_000, withinPercentage(10));
            assertThat(estimate.chunks()).isCloseTo(10_000, withinPercentage(10));
            assertThat(estimate.tokens()).isCloseTo(tokens, withinPercentage(10));
            assertThat(estimate.exact()).isFalse();
        }
    }

    /** Texts that lie one behind another, counted in bytes as files are. */
    private record Files(List<String> texts) implements Source {
        @Override
        public SourceSchema schema() {
            return new SourceSchema("files", "id", KeyType.BIGINT, List.of(), KeyOrder.BY_POSITION, WorkUnit.BYTES);
        }

        @Override
        public SourcePlan plan(int shards, Known known) {
            long all = texts.stream().mapToLong(String::length).sum();
            List<ShardRange> ranges = new ArrayList<>();
            int first = 0;
            for (int shard = 0; shard < shards; shard++) {
                long work = 0;
                int next = first;
                while (next < texts.size() && work < all / shards) {
                    work += texts.get(next).length();
                    next++;
                }
                ranges.add(new ShardRange(shard, first + "-" + next, work));
                first = next;
            }
            return SourcePlan.everything(ranges);
        }

        @Override
        public WindowReader read(ShardRange range, Optional<Position> after, int windowDocuments) {
            String[] ends = range.definition().split("-");
            int first = Integer.parseInt(ends[0]);
            int end = Math.min(Integer.parseInt(ends[1]), first + windowDocuments);
            List<Document> documents = new ArrayList<>();
            long work = 0;
            for (int i = first; i < end; i++) {
                documents.add(new Document(new Key.Number(i), texts.get(i), List.of(), "text " + i));
                work += texts.get(i).length();
            }
            SourceWindow window =
                    new SourceWindow(documents, List.of(), new Position("" + end), work, work, Optional.empty());
            return new WindowReader() {
                @Override
                public Optional<SourceWindow> next() {
                    return Optional.of(window);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {}
    }
}
