package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.range;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.complete;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.KeyRange;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OrphansAndDuplicatesTest {
    private static final PgvectorSink DELETE =
            TestingSink.spec(VectorType.Vector, IndexType.None, DistanceMetric.Cosine, OrphanPolicy.Delete);
    private static final SourceSchema FILES = source(KeyType.TEXT, KeyOrder.BY_POSITION);

    private final String database = newDatabase();

    @Test
    void windowRemovesWhatItsRangeNoLongerHolds() {
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("9", numbered(1, 9, "old")));

            Run second = completedAndOpenedAgain(sink, first);
            FailedDocument failed = new FailedDocument(Optional.of("5"), "articles id=5", "too long");
            ShardCounters counters = windows(sink, second, ARTICLES)
                    .commit(window("6", range(2, 6), List.of(failed), embedded(4, "new")));

            assertThat(query(database, "SELECT id, content FROM vectors ORDER BY id"))
                    .containsExactly("1|old 1", "2|old 2", "4|new", "5|old 5", "7|old 7", "8|old 8", "9|old 9");
            assertThat(counters.orphansDeleted()).isEqualTo(2);
        }
    }

    @Test
    void windowWithAnUnreadableKeyRemovesNothing() {
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("3", numbered(1, 3, "old")));
            Run second = completedAndOpenedAgain(sink, first);
            FailedDocument unknown = new FailedDocument(Optional.empty(), "articles, row 2", "unreadable key");
            KeyRange all = new KeyRange(Optional.empty(), Optional.empty());

            windows(sink, second, ARTICLES).commit(window("3", all, List.of(unknown), embedded(1, "new")));

            assertThat(query(database, "SELECT id FROM vectors ORDER BY id")).containsExactly("1", "2", "3");
        }
    }

    @Test
    void endOfTheRunRemovesWhatNoFileHolds() {
        try (EmbeddingSink sink = prepared(DELETE, FILES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, FILES).commit(window("1", text("a"), text("b"), text("c"), text("d")));
            Run second = completedAndOpenedAgain(sink, first);
            WindowSink windows = windows(sink, second, FILES);
            SourceWindow read = window("2", text("a")).source();

            assertThat(windows.duplicates(read)).isEmpty();
            windows.commit(new EmbeddedWindow(
                    read,
                    List.of(),
                    read.documents(),
                    List.of(new FailedDocument(Optional.of("c"), "in/c", "too long"))));
            assertThat(query(database, "SELECT id FROM vectors ORDER BY id")).containsExactly("a", "b", "c", "d");
            windows.complete();
            sink.finish(second, _ -> {});

            assertThat(query(database, "SELECT id FROM vectors ORDER BY id")).containsExactly("a", "c");
            assertThat(sink.state(second).totals().orphansDeleted()).isEqualTo(2);
            assertThat(query(database, "SELECT count(*) FROM embedding_operator.document_keys"))
                    .containsExactly("0");
        }
    }

    @Test
    void keyThatAnotherShardHasReadIsADuplicate() {
        try (EmbeddingSink sink = prepared(TestingSink.spec(), FILES, database)) {
            Run run = run(sink, 2);
            WindowSink first = sink.windows(run, sink.take(run, 0).orElseThrow(), FILES, Durability.EVERY_SHARD);
            WindowSink second = sink.windows(run, sink.take(run, 1).orElseThrow(), FILES, Durability.EVERY_SHARD);
            Document early = new Document(new Key.Text("x"), "t", List.of(), "in/a.ndjson at byte 17");
            Document late = new Document(new Key.Text("x"), "t", List.of(), "in/b.ndjson at byte 0");
            Document other = new Document(new Key.Text("y"), "t", List.of(), "in/b.ndjson at byte 40");

            assertThat(first.duplicates(read(early))).isEmpty();
            assertThat(second.duplicates(read(late, other)))
                    .containsExactly(FailedDocument.of(
                            late,
                            "key 'x' was already read at in/a.ndjson at byte 17: the first one is kept, give "
                                    + "this one a key" + " of its own"));
            assertThat(first.duplicates(read(early)))
                    .as("the same window after a crash")
                    .isEmpty();
        }
    }

    private static SourceWindow read(Document... documents) {
        return TestingDocuments.source("end", Optional.empty(), List.of(documents));
    }

    private static EmbeddedDocument text(String key) {
        return embedded(document(new Key.Text(key), "text of " + key), "text of " + key);
    }

    private static WindowSink windows(EmbeddingSink sink, Run run, SourceSchema schema) {
        return sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD);
    }

    private static Run completedAndOpenedAgain(EmbeddingSink sink, Run run) {
        complete(sink, run, 0);
        sink.finish(run, _ -> {});
        return run(sink, 1);
    }
}
