package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.range;
import static io.embeddingoperator.runner.sink.TestingPending.NOTHING_LEFT;
import static io.embeddingoperator.runner.sink.TestingPending.PLENTY;
import static io.embeddingoperator.runner.sink.TestingPending.end;
import static io.embeddingoperator.runner.sink.TestingPending.numbered;
import static io.embeddingoperator.runner.sink.TestingPending.results;
import static io.embeddingoperator.runner.sink.TestingPending.submitted;
import static io.embeddingoperator.runner.sink.TestingPending.waiting;
import static io.embeddingoperator.runner.sink.TestingPending.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.complete;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.ranges;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.source;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.money.Price;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.batch.BatchCounts;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.spending.Spending;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.KeyRange;
import io.embeddingoperator.runner.source.SourceSchema;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A run ends before its batches do, and another one comes in its place. */
class AdoptionTest {
    private static final PgvectorSink DELETE = TestingSink.deleting(100);
    private static final BatchMoney MONEY = new BatchMoney(new BigDecimal("10000"), Optional.empty());

    private final String database = newDatabase();

    @Test
    void nextRunTakesOverWhatIsPaidForAndCountsEveryDocumentOnce() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given a batch of each of three shards, one that was not handed over, and documents in none
            Run old = run(sink, 3);
            List<BatchRecord> batches = new ArrayList<>();
            for (int shard = 0; shard < 3; shard++) {
                PendingDocuments pending = pending(sink, old, shard);
                pending.commit(window("end", numbered(shard * 10 + 1, shard * 10 + 2)));
                batches.add(submitted(pending));
                if (shard == 2) {
                    pending.commit(window("packed", waiting(23, "1023")));
                    pending.assign(PLENTY);
                    pending.commit(window("unassigned", waiting(24, "1024")));
                }
            }

            // when
            Run fresh = nextRun(sink, 2, "recipe");
            PendingDocuments first = pending(sink, fresh, 0);
            PendingDocuments second = pending(sink, fresh, 1);

            // then shard 2 went to shard 0
            assertThat(first.batches())
                    .extracting(BatchRecord::id)
                    .containsExactly(batches.get(0).id(), batches.get(2).id());
            assertThat(second.batches())
                    .extracting(BatchRecord::id)
                    .containsExactly(batches.get(1).id());
            assertThat(query(
                            database,
                            "SELECT count(*) FROM embedding_operator.pending_documents WHERE run_id = " + old.id()))
                    .containsExactly("0");
            assertThat(first.totals().unassigned().documents()).isZero();

            // when one batch arrives before its documents are read again, and one in the middle of it
            first.importVectors(batches.get(0).id(), results(2));
            end(first, first.batches().getFirst());
            Counts read = first.commit(window("a", numbered(1, 2)));
            assertThat(read.skipped()).isEqualTo(2);
            first.commit(window("b", numbered(11, 12)));
            first.commit(window("c", waiting(21, "1021")));
            BatchRecord third = first.batches().getFirst();
            assertThat(first.importVectors(third.id(), results(2)).imported()).isEqualTo(2);
            end(first, third);
            first.commit(window("d", waiting(22, "1022"), waiting(23, "1023"), waiting(24, "1024")));
            BatchRecord rest = submitted(first);
            first.importVectors(rest.id(), results(2));
            end(first, rest);
            second.importVectors(batches.get(1).id(), results(2));
            end(second, second.batches().getFirst());

            // then
            assertThat(sink.state(fresh).totals()).isEqualTo(new Counts(8, 5, 3, 0, 8, 24, 0, 0, 0));
            assertThat(
                            query(
                                    database,
                                    "SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE content = (1000 + id)::text) FROM vectors"))
                    .containsExactly("8|8|8");
            assertThat(sink.money(fresh).spentUsd().orElseThrow()).isEqualByComparingTo("0.24");
            assertThat(sink.money(old).spentUsd()).isEmpty();
        }
    }

    @Test
    void documentThatChangedMeanwhileIsEmbeddedAnew() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            BatchRecord old = handedOver(sink, 1, 4);
            PendingDocuments pending = pending(sink, nextRun(sink, 1, "recipe"), 0);

            pending.commit(window("4", waiting(1, "1001"), waiting(2, "new!"), waiting(3, "1003"), waiting(4, "1004")));
            BatchRecord changed = submitted(pending);
            assertThat(keys(pending, changed)).containsExactly("2");
            assertThat(keys(pending, old)).containsExactly("1", "3", "4");
            ImportOutcome outcome = pending.importVectors(old.id(), results(4));
            pending.importVectors(changed.id(), results(1));

            assertThat(outcome.imported()).isEqualTo(3);
            assertThat(outcome.ignored()).isEqualTo(1);
            assertThat(query(database, "SELECT id, content, embedding FROM vectors ORDER BY id"))
                    .containsExactly("1|1001|[0,0,1]", "2|new!|[0,0,1]", "3|1003|[2,0,1]", "4|1004|[3,0,1]");
        }
    }

    @Test
    void documentThatIsReadAfterItWasMatchedWithItsResultIsStoredAsItWasRead() {
        SourceSchema titled = source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("title", ColumnType.TEXT));
        try (EmbeddingSink sink = prepared(spec(), titled, database)) {
            // given documents that a run took over with their batch, and results whose documents were looked up
            PendingDocuments former = pending(sink, run(sink, 1), 0);
            former.commit(window("3", titled(1, "1001", "old"), titled(2, "1002", "old"), titled(3, "1003", "old")));
            BatchRecord batch = submitted(former);
            PendingDocuments pending = pending(sink, nextRun(sink, 1, "recipe"), 0);
            List<PendingRows.Row> found = pending.find(batch.id(), results(3).keySet());

            // when two of them are read before their results are stored: one with another title, one with another text
            pending.commit(window("2", titled(1, "1001", "new"), titled(2, "new!", "new")));
            ImportOutcome outcome = pending.importVectors(batch.id(), results(3), found);

            // then
            assertThat(outcome.imported()).isEqualTo(2);
            assertThat(outcome.ignored()).isEqualTo(1);
            assertThat(query(database, "SELECT id, content, title, embedding FROM vectors ORDER BY id"))
                    .containsExactly("1|1001|new|[0,0,1]", "3|1003|old|[2,0,1]");
            assertThat(outcome.counters().embedded()).isEqualTo(1);
            assertThat(pending.totals().unassigned().documents()).isEqualTo(1);
        }
    }

    @Test
    void documentThatIsAsItWasBeforeTheChangeNeedsNoVectorsAnyMore() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given a document whose change is on its way
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            sink.windows(run, lease, ARTICLES, Durability.EVERY_WINDOW)
                    .commit(TestingDocuments.window("0", embedded(1, "1001")));
            PendingDocuments former = sink.pending(run, lease, MONEY);
            former.commit(window("1", waiting(1, "else")));
            BatchRecord batch = submitted(former);

            // when it is changed back
            PendingDocuments pending = pending(sink, nextRun(sink, 1, "recipe"), 0);
            Document back = document(new Key.Number(1), "1001");
            pending.commit(new Window<>(
                    TestingDocuments.source("1", Optional.empty(), List.of(back)),
                    List.of(),
                    List.of(back),
                    List.of()));

            // then
            assertThat(pending.importVectors(batch.id(), results(1)).ignored()).isEqualTo(1);
            assertThat(query(database, "SELECT content FROM vectors")).containsExactly("1001");
        }
    }

    @Test
    void documentThatIsGoneGetsNoRowsAndOneThatWaitsKeepsItsOldOnes() {
        try (EmbeddingSink sink = prepared(DELETE, ARTICLES, database)) {
            // given rows of all, and new vectors on their way for all
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            sink.windows(run, lease, ARTICLES, Durability.EVERY_WINDOW)
                    .commit(TestingDocuments.window("0", TestingDocuments.numbered(1, 5, "old")));
            PendingDocuments former = sink.pending(run, lease, MONEY);
            former.commit(window("9", Optional.of(range(0, 9)), List.of(), numbered(1, 5)));
            BatchRecord batch = submitted(former);
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("5");

            // when documents 2 and 5 are gone
            Run fresh = nextRun(sink, 1, "recipe");
            PendingDocuments pending = pending(sink, fresh, 0);
            KeyRange all = new KeyRange(Optional.empty(), Optional.empty());
            pending.commit(window(
                    "9", Optional.of(all), List.of(), waiting(1, "1001"), waiting(3, "1003"), waiting(4, "1004")));
            ImportOutcome outcome = pending.importVectors(batch.id(), results(5));
            assertThat(query(database, "SELECT id, content FROM vectors ORDER BY id"))
                    .containsExactly("1|1001", "2|old 2", "3|1003", "4|1004", "5|old 5");
            end(pending, pending.batches().getFirst());
            complete(sink, fresh, 0);
            sink.finish(fresh, 0, _ -> {});

            // then
            assertThat(outcome.ignored()).isEqualTo(2);
            assertThat(sink.state(fresh).totals().removed()).isEqualTo(2);
            assertThat(query(database, "SELECT id, content FROM vectors ORDER BY id"))
                    .containsExactly("1|1001", "3|1003", "4|1004");
        }
    }

    @Test
    void endOfARunOfFilesRemovesWhatOnlyABatchBrought() {
        SourceSchema files = source(KeyType.TEXT, KeyOrder.BY_POSITION);
        try (EmbeddingSink sink = prepared(DELETE, files, database)) {
            PendingDocuments former = pending(sink, run(sink, 1), 0);
            former.commit(window(
                    "2", waiting(document(new Key.Text("a"), "1001")), waiting(document(new Key.Text("b"), "1002"))));
            BatchRecord batch = submitted(former);

            Run fresh = nextRun(sink, 1, "recipe");
            ShardLease lease = sink.take(fresh, 0).orElseThrow();
            PendingDocuments pending = sink.pending(fresh, lease, MONEY);
            pending.commit(window("2", waiting(document(new Key.Text("b"), "1002"))));
            pending.importVectors(batch.id(), results(2));
            end(pending, pending.batches().getFirst());
            sink.windows(fresh, lease, files, Durability.EVERY_WINDOW).complete();
            sink.finish(fresh, 0, _ -> {});

            assertThat(query(database, "SELECT id FROM vectors")).containsExactly("b");
            assertThat(sink.state(fresh).totals().embedded()).isEqualTo(1);
        }
    }

    @Test
    void runThatEmbedsAtOnceTakesNothingOfItTwice() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            BatchRecord batch = handedOver(sink, 1, 4);
            Run fresh = nextRun(sink, 1, "recipe");
            ShardLease lease = sink.take(fresh, 0).orElseThrow();
            PendingDocuments pending = sink.pending(fresh, lease, MONEY);
            WindowSink windows = sink.windows(fresh, lease, ARTICLES, Durability.EVERY_WINDOW);

            windows.commit(TestingDocuments.window("2", embedded(1, "1001"), embedded(2, "1002")));
            ImportOutcome outcome = pending.importVectors(batch.id(), results(4));
            Document third = document(new Key.Number(3), "1003");
            Document fourth = document(new Key.Number(4), "1004");
            windows.commit(new Window<>(
                    TestingDocuments.source("4", Optional.empty(), List.of(third, fourth)),
                    List.of(),
                    List.of(third, fourth),
                    List.of()));
            end(pending, pending.batches().getFirst());
            windows.complete();

            assertThat(outcome.imported()).isEqualTo(2);
            assertThat(outcome.ignored()).isEqualTo(2);
            assertThat(sink.state(fresh).totals()).isEqualTo(new Counts(4, 2, 2, 0, 4, 12, 0, 0, 0));
        }
    }

    @Test
    void batchOfAnotherRecipeComesToBeCancelledWithoutDocuments() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            BatchRecord old = handedOver(sink, 1, 2);

            PendingDocuments pending = pending(sink, nextRun(sink, 1, "another recipe"), 0);

            assertThat(pending.batches()).singleElement().satisfies(batch -> {
                assertThat(batch.id()).isEqualTo(old.id());
                assertThat(batch.state()).isEqualTo(BatchState.Cancelling);
                assertThat(batch.atProvider()).isEqualTo(old.atProvider());
            });
            assertThat(pending.totals().documents()).isZero();
            assertThat(pending.importVectors(old.id(), results(2)).ignored()).isEqualTo(2);
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("0");
        }
    }

    @Test
    void documentThatFailsBeforeItIsReadAgainIsTriedAndToldOnceMore() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            handedOver(sink, 1, 3);
            Run fresh = nextRun(sink, 1, "recipe");
            PendingDocuments pending = pending(sink, fresh, 0);
            BatchRecord batch = pending.batches().getFirst();

            // when the batch ends first: one refused, one undone, one without a line
            pending.imported(
                    batch.in(BatchState.Done),
                    new ImportEnd(Map.of(0, "refused"), Map.of(1, "server error"), "no line", true));

            // then they go into a batch of the new run, as they are read
            assertThat(pending.totals().documents()).isZero();
            assertThat(sink.state(fresh).totals().failed()).isZero();
            pending.commit(window("3", numbered(1, 3)));
            BatchRecord next = submitted(pending);
            assertThat(keys(pending, next)).containsExactly("1", "2", "3");
            pending.imported(next.in(BatchState.Done), new ImportEnd(Map.of(0, "refused"), Map.of(), "no line", true));
            assertThat(sink.failedDocuments(fresh, OptionalInt.empty(), 10)).hasSize(1);
        }
    }

    @Test
    void metadataIsWhatTheNewRunReads() {
        SourceSchema before = source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        try (EmbeddingSink sink = prepared(spec(), before, database)) {
            PendingDocuments former = pending(sink, run(sink, 1), 0);
            former.commit(window(
                    "2",
                    waiting(document(new Key.Number(1), "1001", "ar")),
                    waiting(document(new Key.Number(2), "1002", "ar"))));
            submitted(former);
        }
        execute(database, "ALTER TABLE vectors ADD year integer");
        SourceSchema after = source(
                KeyType.BIGINT,
                KeyOrder.BY_KEY,
                new MetadataColumn("year", ColumnType.INTEGER),
                new MetadataColumn("lang", ColumnType.TEXT));
        try (EmbeddingSink sink = prepared(spec(), after, database)) {
            PendingDocuments pending = pending(sink, nextRun(sink, 1, "recipe"), 0);
            BatchRecord batch = pending.batches().getFirst();

            pending.commit(window("1", waiting(document(new Key.Number(1), "1001", 2026, "fa"))));
            pending.importVectors(batch.id(), results(2));
            assertThat(query(database, "SELECT id, lang, year FROM vectors ORDER BY id"))
                    .containsExactly("1|fa|2026", "2|ar|null");
            pending.commit(window("2", waiting(document(new Key.Number(2), "1002", 2025, "en"))));

            assertThat(query(database, "SELECT id, lang, year FROM vectors ORDER BY id"))
                    .containsExactly("1|fa|2026", "2|en|2025");
        }
    }

    @Test
    void finishedRunLeavesItsSumsAndNothingElse() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            BatchRecord batch = handedOver(sink, 1, 4);
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            PendingDocuments pending = sink.pending(run, lease, MONEY);
            pending.imported(batch.in(BatchState.Expired).billed(0), NOTHING_LEFT);
            BatchRecord again = submitted(pending);
            pending.importVectors(again.id(), results(4));
            end(pending, again);
            try (Spending spending = sink.spending(run, 0, Optional.empty())) {
                spending.at(Price.perMillionTokens("10000")).reserve(100).settle(100, false);
                RunMoney before = new RunMoney(
                        Optional.of(new BigDecimal("1.12")),
                        Optional.of(new BigDecimal("1")),
                        Optional.of(new BatchCounts(2, 0, 1, 1)));

                // when
                sink.windows(run, lease, ARTICLES, Durability.EVERY_WINDOW).complete();
                assertThat(sink.money(run).batches()).isEqualTo(before.batches());
                sink.finish(run, 0, _ -> {});

                // then
                assertThat(sink.money(run).batches()).isEqualTo(before.batches());
                assertThat(sink.money(run).spentUsd().orElseThrow())
                        .isEqualByComparingTo(before.spentUsd().orElseThrow());
                assertThat(sink.money(run).estimatedUsd().orElseThrow())
                        .isEqualByComparingTo(before.estimatedUsd().orElseThrow());
            }
            assertThat(query(
                            database,
                            "SELECT (SELECT count(*) FROM embedding_operator.pending_documents),"
                                    + " (SELECT count(*) FROM embedding_operator.batches),"
                                    + " (SELECT count(*) FROM embedding_operator.spending)"))
                    .containsExactly("0|0|0");
        }
    }

    @Test
    void batchesOfADeletedJobAreFoundAndEndedWithoutItsSource() {
        try (EmbeddingSink empty = open(spec(), newDatabase())) {
            assertThat(empty.runsWithUnfinishedBatches("default/articles"))
                    .as("where nothing ever ran")
                    .isEmpty();
        }
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            handedOver(sink, 2, 3);
        }
        try (EmbeddingSink sink = open(spec(), database)) {
            assertThat(sink.runsWithUnfinishedBatches("default/others")).isEmpty();
            Run run = sink.runsWithUnfinishedBatches("default/articles").getFirst();
            PendingDocuments pending = sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
            BatchRecord batch = pending.advance(pending.batches().getFirst().in(BatchState.Cancelling));

            pending.imported(
                    batch.in(BatchState.Cancelled), new ImportEnd(Map.of(), Map.of(), "the job was deleted", false));

            assertThat(sink.runsWithUnfinishedBatches("default/articles")).isEmpty();
        }
    }

    private static WaitingDocument titled(long key, String text, String title) {
        return waiting(document(new Key.Number(key), text, title));
    }

    private BatchRecord handedOver(EmbeddingSink sink, int shards, int documents) {
        PendingDocuments pending = pending(sink, run(sink, shards), 0);
        pending.commit(window("end", numbered(1, documents)));
        return submitted(pending);
    }

    private static Run nextRun(EmbeddingSink sink, int shards, String recipe) {
        return sink.openRun(
                new RunRequest("default/articles", 2, "specification", recipe, false), () -> ranges(shards));
    }

    private static PendingDocuments pending(EmbeddingSink sink, Run run, int shard) {
        return sink.pending(run, sink.take(run, shard).orElseThrow(), MONEY);
    }

    private static List<String> keys(PendingDocuments pending, BatchRecord batch) {
        List<String> keys = new ArrayList<>();
        pending.documents(
                batch.id(), row -> keys.add(row.document().document().key().toString()));
        return keys;
    }
}
