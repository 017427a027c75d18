package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.range;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.complete;
import static io.embeddingoperator.runner.sink.TestingSink.deleting;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.removingEmpty;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.source;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunEnding;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.KeyRange;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class OrphansAndDuplicatesTest {
    private static final PgvectorSink DELETE = deleting(20);
    private static final SourceSchema FILES = source(KeyType.TEXT, KeyOrder.BY_POSITION);

    private static final FailedDocument EMPTY =
            FailedDocument.empty("3", "articles id=3", "empty text: body is null or blank");

    private final String database = newDatabase();

    @Test
    void nothingIsRemovedBeforeTheWholeRunKnowsWhatIsGone() {
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("20", numbered(1, 20, "old")));

            Run second = completedAndOpenedAgain(sink, first);
            FailedDocument failed = new FailedDocument(Optional.of("5"), "articles id=5", "too long");
            WindowSink windows = windows(sink, second, ARTICLES);
            windows.commit(window("6", range(0, 6), List.of(failed), present(1, 2, 4)));
            windows.commit(window("20", range(6, 20), List.of(), numbered(7, 20, "old")));
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("20");
            assertThat(query(database, "SELECT key FROM embedding_operator.orphans ORDER BY 1"))
                    .containsExactly("3", "6");

            // when, before the end, another program writes a row anew
            execute(database, "UPDATE vectors SET embedded_at = now() + interval '1 hour' WHERE id = 6");
            windows.complete();
            assertThat(sink.finish(second, 0, _ -> {})).isEqualTo(RunEnding.PLAIN);

            assertThat(query(database, "SELECT id FROM vectors WHERE id < 8 ORDER BY 1"))
                    .containsExactly("1", "2", "4", "5", "6", "7");
            assertThat(sink.state(second).totals().removed()).isEqualTo(1);
            assertThat(query(database, "SELECT count(*) FROM embedding_operator.orphans"))
                    .containsExactly("0");
        }
    }

    @Test
    void removalOfTooManyIsHeldBackUntilTheLimitIsRaised() {
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("20", numbered(1, 20, "old")));
            complete(sink, first, 0);
            sink.finish(first, 0, _ -> {});

            // when 15 of 20 are gone, and 100 others have come
            for (int again = 0; again < 2; again++) {
                Run second = run(sink, 1);
                WindowSink windows = windows(sink, second, ARTICLES);
                windows.commit(window("20", range(0, 20), List.of(), numbered(1, 5, "old")));
                windows.commit(window("200", range(20, 200), List.of(), numbered(101, 200, "new")));
                windows.complete();
                RunEnding ending = sink.finish(second, 0, _ -> {});

                assertThat(ending.held())
                        .as("also when it is simply tried again")
                        .hasValueSatisfying(sentence -> assertThat(sentence)
                                .startsWith("15 of the 20 documents that this job had in public.vectors are gone"));
                assertThat(sink.finish(second, 0, _ -> {}))
                        .as("what other pods hear")
                        .isEqualTo(ending);
                assertThat(sink.state(second).complete()).isFalse();
                assertThat(query(database, "SELECT count(*) FROM embedding_operator.orphans"))
                        .containsExactly("0");
            }
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("120");
        }
        try (EmbeddingSink sink = prepared(deleting(75), ARTICLES, database)) {
            Run third = run(sink, 1);
            WindowSink windows = windows(sink, third, ARTICLES);
            windows.commit(window("20", range(0, 20), List.of(), numbered(1, 5, "old")));
            windows.commit(window("200", range(20, 200), List.of(), numbered(101, 200, "new")));
            windows.complete();

            assertThat(sink.finish(third, 0, _ -> {}).held()).isEmpty();
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("105");
            assertThat(sink.state(third).totals().removed()).isEqualTo(15);
        }
    }

    @Test
    void rowsOfATextThatWasTakenAwayGoWhereTheManifestSaysSo() {
        for (SourceSchema schema : List.of(ARTICLES, source(KeyType.BIGINT, KeyOrder.BY_POSITION))) {
            for (OrphanPolicy orphans : OrphanPolicy.values()) {
                // given
                String fresh = newDatabase();
                try (EmbeddingSink sink = prepared(removingEmpty(orphans, 50), schema, fresh)) {
                    Run first = run(sink, 1);
                    windows(sink, first, schema).commit(window("4", numbered(1, 4, "old")));
                    Run second = completedAndOpenedAgain(sink, first);
                    WindowSink windows = windows(sink, second, schema);

                    // when the text of one document is null, and another document is gone
                    Counts counters = windows.commit(window("4", range(0, 4), List.of(EMPTY), numbered(1, 2, "old")));
                    windows.complete();
                    assertThat(sink.finish(second, 0, _ -> {})).isEqualTo(RunEnding.PLAIN);

                    // then
                    assertThat(counters.failed()).isZero();
                    assertThat(counters.skipped()).isEqualTo(1);
                    assertThat(query(fresh, "SELECT id FROM vectors ORDER BY 1"))
                            .as("%s", orphans)
                            .isEqualTo(orphans == OrphanPolicy.Keep ? List.of("1", "2", "4") : List.of("1", "2"));
                    assertThat(sink.state(second).totals().removed()).isEqualTo(orphans == OrphanPolicy.Keep ? 1 : 2);
                    assertThat(sink.failedDocuments(second, OptionalInt.empty(), 9))
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void rowsOfATextThatWasTakenAwayStayOtherwiseAndTheReasonSaysSo() {
        // given
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("4", numbered(1, 4, "old")));
            Run second = completedAndOpenedAgain(sink, first);
            WindowSink windows = windows(sink, second, ARTICLES);

            // when
            windows.commit(window(
                    "4", range(0, 4), List.of(EMPTY), embedded(1, "old"), embedded(2, "old"), embedded(4, "old")));
            windows.complete();
            sink.finish(second, 0, _ -> {});

            // then
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("4");
            assertThat(sink.failedDocuments(second, OptionalInt.empty(), 9))
                    .extracting(FailedDocument::reason)
                    .containsExactly(
                            "empty text: body is null or blank; rows that the sink has of it stay and are found by"
                                    + " searches, unless spec.sink.pgvector.onEmpty is Delete");
        }
    }

    @Test
    void textsThatWereTakenAwayByMistakeAreHeldBackLikeAnythingElse() {
        // given
        try (EmbeddingSink sink = prepared(removingEmpty(OrphanPolicy.Keep, 20), ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("4", numbered(1, 4, "old")));
            Run second = completedAndOpenedAgain(sink, first);
            WindowSink windows = windows(sink, second, ARTICLES);

            // when
            windows.commit(window("4", range(0, 4), List.of(EMPTY), numbered(1, 2, "old")));
            windows.complete();

            // then
            assertThat(sink.finish(second, 0, _ -> {}).held())
                    .hasValueSatisfying(sentence -> assertThat(sentence)
                            .startsWith("1 of the 4 documents that this job had in public.vectors are gone")
                            .endsWith("Documents without text count as gone (spec.sink.pgvector.onEmpty)"));
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("4");
        }
    }

    @Test
    void sourceThatIsEmptyRemovesNothing() {
        for (SourceSchema schema : List.of(ARTICLES, source(KeyType.BIGINT, KeyOrder.BY_POSITION))) {
            String fresh = newDatabase();
            try (EmbeddingSink sink = prepared(deleting(99), schema, fresh)) {
                Run first = run(sink, 1);
                windows(sink, first, schema).commit(window("9", numbered(1, 9, "old")));
                Run second = completedAndOpenedAgain(sink, first);
                WindowSink windows = windows(sink, second, schema);
                windows.commit(window("9", new KeyRange(Optional.empty(), Optional.empty()), List.of()));
                windows.complete();

                assertThat(sink.finish(second, 0, _ -> {}).held())
                        .hasValueSatisfying(sentence -> assertThat(sentence)
                                .startsWith("the source holds no documents, and this job has 9 in public.vectors"));
                assertThat(query(fresh, "SELECT count(*) FROM vectors")).containsExactly("9");
            }
        }
    }

    @Test
    void windowWithAnUnreadableKeyRemovesNothingAndTheRunSaysSo() {
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("3", numbered(1, 3, "old")));
            Run second = completedAndOpenedAgain(sink, first);
            FailedDocument unknown = new FailedDocument(Optional.empty(), "articles, row 2", "unreadable key");
            KeyRange all = new KeyRange(Optional.empty(), Optional.empty());
            WindowSink windows = windows(sink, second, ARTICLES);

            windows.commit(window("3", all, List.of(unknown), embedded(1, "new")));
            windows.complete();

            assertThat(sink.finish(second, 0, _ -> {}))
                    .isEqualTo(new RunEnding(
                            Optional.empty(),
                            Optional.of(
                                    "some rows of documents that are gone from the source may be left: the keys of some"
                                            + " failed documents could not be read, so that nothing tells whose rows are theirs"),
                            Optional.empty()));
            assertThat(query(database, "SELECT id FROM vectors ORDER BY id")).containsExactly("1", "2", "3");
        }
    }

    @Test
    void endOfTheRunRemovesWhatNoFileHolds() {
        try (EmbeddingSink sink = prepared(deleting(50), FILES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, FILES).commit(window("1", text("a"), text("b"), text("c"), text("d")));
            Run second = completedAndOpenedAgain(sink, first);
            execute(
                    database,
                    "INSERT INTO vectors SELECT 'stranger', chunk, content, embedding, chunk_start, chunk_end, document_hash,"
                            + " embedded_at FROM vectors WHERE id = 'a'");
            WindowSink windows = windows(sink, second, FILES);
            SourceWindow read = window("2", text("a")).source();

            assertThat(windows.duplicates(read)).isEmpty();
            windows.commit(new Window<>(
                    read,
                    List.of(),
                    read.documents(),
                    List.of(new FailedDocument(Optional.of("c"), "in/c", "too long"))));
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("5");
            windows.complete();
            sink.finish(second, 0, _ -> {});

            assertThat(query(database, "SELECT id FROM vectors ORDER BY id")).containsExactly("a", "c", "stranger");
            assertThat(sink.state(second).totals().removed()).isEqualTo(2);
            assertThat(query(database, "SELECT count(*) FROM embedding_operator.document_keys"))
                    .containsExactly("0");
        }
    }

    @Test
    void orphansBeyondTheLimitAreCountedAndNotStored() {
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            Run first = run(sink, 1);
            windows(sink, first, ARTICLES).commit(window("100", numbered(1, 100, "old")));
            Run second = completedAndOpenedAgain(sink, first);
            WindowSink windows = windows(sink, second, ARTICLES);

            windows.commit(window("16", range(0, 16), List.of(), embedded(16, "old 16")));
            windows.commit(window("32", range(16, 32), List.of(), embedded(32, "old 32")));

            assertThat(query(database, "SELECT count(*) FROM embedding_operator.orphans"))
                    .containsExactly("15");
            assertThat(query(database, "SELECT found FROM embedding_operator.orphan_counts"))
                    .containsExactly("30");
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

    private static EmbeddedDocument[] present(long... keys) {
        return Arrays.stream(keys).mapToObj(key -> embedded(key, "old " + key)).toArray(EmbeddedDocument[]::new);
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
        sink.finish(run, 0, _ -> {});
        return run(sink, 1);
    }
}
