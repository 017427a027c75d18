package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingPending.numbered;
import static io.embeddingoperator.runner.sink.TestingPending.submitted;
import static io.embeddingoperator.runner.sink.TestingPending.vectors;
import static io.embeddingoperator.runner.sink.TestingPending.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.batches.ImportPipeline;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import io.embeddingoperator.runner.sink.run.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ImportPipelineTest {
    private static final int MEGABYTE = 1024 * 1024;

    private final String database = newDatabase();
    private final List<ImportOutcome> outcomes = new CopyOnWriteArrayList<>();

    @Test
    void everyResultIsStoredOnceInTheOrderInWhichTheyCame() throws InterruptedException {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            PendingDocuments pending = pending(sink, run(sink, 1));
            pending.commit(window("5", numbered(1, 5)));
            BatchRecord batch = submitted(pending);

            try (ImportPipeline pipeline = pipeline(pending, batch)) {
                for (int ordinal : new int[] {4, 0, 2, 1, 2}) {
                    pipeline.add(ordinal, vectors(ordinal, 1));
                }
                pipeline.finish();
            }

            assertThat(outcomes).extracting(ImportOutcome::imported).containsExactly(4);
            assertThat(query(database, "SELECT id, embedding FROM vectors ORDER BY id"))
                    .containsExactly("1|[0,0,1]", "2|[1,0,1]", "3|[2,0,1]", "5|[4,0,1]");
            assertThat(pending.contents(batch).inputs()).containsExactly(0, 0, 0, 1, 0);
        }
    }

    @Test
    void longTextsAreStoredAFewAtATime() throws InterruptedException {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given documents of which the model saw the beginning alone
            PendingDocuments pending = pending(sink, run(sink, 1));
            pending.commit(window("7", whole(1), whole(2), whole(3), whole(4), whole(5), whole(6), whole(7)));
            BatchRecord batch = submitted(pending);

            // when
            try (ImportPipeline pipeline = pipeline(pending, batch)) {
                for (int ordinal = 0; ordinal < 7; ordinal++) {
                    pipeline.add(ordinal, vectors(ordinal, 1));
                }
                pipeline.finish();
            }

            // then
            assertThat(outcomes).extracting(ImportOutcome::imported).containsExactly(3, 3, 1);
            assertThat(outcomes.getLast().counters().embedded()).isEqualTo(7);
        }
    }

    @Test
    void whatStoppedATransactionIsThrownAndNothingIsStoredAfterIt() throws InterruptedException {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments former = pending(sink, run);
            former.commit(window("4", whole(1), whole(2), whole(3), whole(4)));
            BatchRecord batch = submitted(former);
            pending(sink, run);

            try (ImportPipeline pipeline = pipeline(former, batch)) {
                for (int ordinal = 0; ordinal < 4; ordinal++) {
                    pipeline.add(ordinal, vectors(ordinal, 1));
                }
                assertThatThrownBy(pipeline::finish).isInstanceOf(ShardTakenOverException.class);
            }

            assertThat(outcomes).isEmpty();
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("0");
        }
    }

    private ImportPipeline pipeline(PendingDocuments pending, BatchRecord batch) {
        return new ImportPipeline(pending, batch.id(), pending.contents(batch), outcomes::add);
    }

    private static PendingDocuments pending(EmbeddingSink sink, Run run) {
        return sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
    }

    /** A document of three megabytes in one chunk. */
    private static WaitingDocument whole(long key) {
        Document document = TestingDocuments.document(new Key.Number(key), "long text ".repeat(3 * MEGABYTE / 10 + 1));
        Chunk chunk = new Chunk(0, 0, document.text().length(), 8_191, true, false);
        return new WaitingDocument(
                document, DocumentHash.of("recipe", document.text()), List.of(chunk), TestingPending.LINE_BYTES, false);
    }
}
