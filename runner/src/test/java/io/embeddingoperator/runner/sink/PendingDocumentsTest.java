package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingPending.PLENTY;
import static io.embeddingoperator.runner.sink.TestingPending.end;
import static io.embeddingoperator.runner.sink.TestingPending.numbered;
import static io.embeddingoperator.runner.sink.TestingPending.oversize;
import static io.embeddingoperator.runner.sink.TestingPending.results;
import static io.embeddingoperator.runner.sink.TestingPending.submitted;
import static io.embeddingoperator.runner.sink.TestingPending.vectors;
import static io.embeddingoperator.runner.sink.TestingPending.waiting;
import static io.embeddingoperator.runner.sink.TestingPending.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.source;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.CheckpointLostException;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.batch.PendingTotals;
import io.embeddingoperator.runner.sink.batch.PendingTotals.Amount;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.SourceSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PendingDocumentsTest {
    private final String database = newDatabase();

    @Test
    void windowWithoutVectorsMovesTheCheckpointAndItsDocumentsWait() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments pending = pending(sink, run);
            FailedDocument failed = new FailedDocument(Optional.of("3"), "articles id=3", "too long");

            Counts counters = pending.commit(
                    window("3", Optional.empty(), List.of(failed), waiting(1, "eins zwei"), oversize(2, "drei")));

            assertThat(counters).isEqualTo(new Counts(2, 0, 0, 1, 0, 0, 0, 0, 0));
            assertThat(pending.totals())
                    .isEqualTo(
                            new PendingTotals(new Amount(1, 3, 9, 100), new Amount(1, 1, 3, 100), Amount.NOTHING, 0));
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("0");
            ShardLease next = sink.take(run, 0).orElseThrow();
            assertThat(next.position()).contains(new Position("3"));
            assertThat(sink.pending(run, next, BatchMoney.FREE).totals().documents())
                    .isEqualTo(2);
        }
    }

    @Test
    void resultOfABatchBecomesRowsAndIsCountedOnce() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            PendingDocuments pending = pending(sink, run);
            pending.commit(window("2", waiting(1, "one two"), waiting(2, "last")));
            BatchRecord batch = submitted(pending);
            assertThat(batch.documents()).isEqualTo(2);
            assertThat(batch.inputs()).isEqualTo(3);
            assertThat(batch.tokens()).isEqualTo(9);
            assertThat(batch.bytes()).isEqualTo(200);
            assertThat(pending.contents(batch).inputs()).containsExactly(2, 1);

            // when a line comes in one import and in the next, and others from elsewhere
            ImportOutcome first = pending.importVectors(batch.id(), Map.of(1, vectors(1, 1), 7, vectors(7, 1)));
            assertThat(pending.contents(batch).inputs()).containsExactly(2, 0);
            ImportOutcome second = pending.importVectors(batch.id(), Map.of(0, vectors(0, 2), 1, vectors(1, 1)));

            // then
            assertThat(first).isEqualTo(new ImportOutcome(new Counts(2, 1, 0, 0, 1, 3, 0, 0, 0), 1, 0, 1, List.of()));
            assertThat(second).isEqualTo(new ImportOutcome(new Counts(2, 2, 0, 0, 3, 9, 0, 0, 0), 1, 0, 1, List.of()));
            assertThat(
                            query(
                                    database,
                                    "SELECT id, chunk, content, embedding, chunk_start, chunk_end FROM vectors ORDER BY id, chunk"))
                    .containsExactly("1|0|one |[0,0,1]|0|4", "1|1|two|[0,1,1]|4|7", "2|0|last|[1,0,1]|0|4");
            end(pending, batch);
            assertThat(pending.batches()).isEmpty();
            sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_WINDOW)
                    .complete();
            assertThat(sink.state(run).allShardsComplete()).isTrue();
        }
    }

    @Test
    void documentComesBackFromADatabaseAsItWent() {
        MetadataColumn[] columns = Arrays.stream(ColumnType.values())
                .map(type -> new MetadataColumn("m_" + type.name().toLowerCase(), type))
                .toArray(MetadataColumn[]::new);
        SourceSchema schema = source(KeyType.UUID, KeyOrder.BY_KEY, columns);
        Key full = new Key.Uuid(UUID.fromString("00000000-0000-0000-0000-00000000000f"));
        Key empty = new Key.Uuid(new UUID(0, 16));
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            PendingDocuments pending = pending(sink, run(sink, 1));
            List<WaitingDocument> documents = List.of(
                    waiting(document(full, "voll \"𝄞\"\n", TestingDocuments.A_VALUE_OF_EVERY_TYPE.toArray())),
                    waiting(document(empty, "leer", new Object[columns.length])));

            pending.commit(window("end", documents.toArray(WaitingDocument[]::new)));
            BatchRecord batch = submitted(pending);

            assertThat(read(pending, batch).stream().map(PendingRows.Row::document))
                    .isEqualTo(documents);
            pending.importVectors(
                    batch.id(),
                    Map.of(0, vectors(0, documents.getFirst().chunks().size()), 1, vectors(1, 1)));
            assertThat(query(database, "SELECT id, m_numeric, m_jsonb, m_text, m_date FROM vectors WHERE chunk = 0"))
                    .containsExactlyInAnyOrder(
                            full + "|-12345678901234567890.000123400|{\"a\": [1, null]}|naïve 𝄞|1999-12-31",
                            empty + "|null|null|null|null");
        }
    }

    @Test
    void batchTakesTheOldestDocumentsThatFit() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            PendingDocuments pending = pending(sink, run(sink, 1));
            pending.commit(window("a", oversize(1, "huge"), waiting(2, "one two "), waiting(3, "three fo")));
            pending.commit(window("b", waiting(4, "last")));

            assertThat(pending.assign(new BatchCapacity(1, 1000, 1000))).isEmpty();
            assertThat(pending.assign(new BatchCapacity(1000, 5, 1000))).isEmpty();
            BatchRecord first = pending.assign(new BatchCapacity(4, 1000, 1000)).orElseThrow();
            BatchRecord second =
                    pending.assign(new BatchCapacity(4, 1000, 1000)).orElseThrow();

            assertThat(keys(pending, first)).containsExactly("2", "3");
            assertThat(keys(pending, second)).containsExactly("4");
            assertThat(pending.assign(PLENTY)).isEmpty();
            assertThat(pending.batches()).containsExactly(first, second);
            assertThat(pending.totals())
                    .isEqualTo(
                            new PendingTotals(Amount.NOTHING, new Amount(1, 1, 3, 100), new Amount(3, 5, 15, 300), 0));
        }
    }

    @Test
    void everythingThatHappensToABatchIsWrittenDown() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            PendingDocuments pending = pending(sink, run(sink, 1));
            pending.commit(window("1", waiting(1, "text")));
            BatchRecord packed = pending.assign(PLENTY).orElseThrow();

            BatchRecord written = pending.advance(packed.in(BatchState.Importing)
                    .with(BatchRecord.ProviderState.NOTHING
                            .withInputFile(Optional.of("file-1"))
                            .withProviderBatch(Optional.of("batch-1"))
                            .withResults(Optional.of("file-2"), Optional.of("file-3"))
                            .withProviderStatus("completed")
                            .withError(Optional.of("a line was refused")))
                    .uploadedAgain()
                    .createdAgain()
                    .billed(17)
                    .expiringAt(Optional.of(Instant.parse("2026-11-27T08:00:00Z")))
                    .submittedAt(Instant.parse("2026-11-26T08:00:00Z")));

            assertThat(pending.batches()).containsExactly(written);
            assertThat(written.in(BatchState.Packed)
                            .with(BatchRecord.ProviderState.NOTHING)
                            .atProvider())
                    .isEqualTo(packed.atProvider());
            assertThat(written.id()).matches("eb[0-9a-f]{20}");
            assertThat(written.fileName()).isEqualTo(written.id() + ".jsonl");
            assertThat(written.uploads()).isEqualTo(1);
            assertThat(written.creations()).isEqualTo(1);
            assertThat(written.billedTokens()).hasValue(17);
            assertThat(written.atProvider().errorFileId()).contains("file-3");
        }
    }

    @Test
    void whatABatchLeavesUndoneGoesIntoTheNextOneUntilItWasTriedTooOften() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments pending = pending(sink, run);
            pending.commit(window("4", numbered(1, 4)));
            BatchRecord batch = submitted(pending);
            pending.importVectors(batch.id(), results(1));

            Counts counters = pending.imported(
                    batch.in(BatchState.Expired),
                    new ImportEnd(
                            Map.of(1, "the provider refuses it: no"), Map.of(2, "server error"), "expired", true));

            assertThat(counters).isEqualTo(new Counts(4, 1, 0, 1, 1, 3, 0, 0, 0));
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .containsExactly(
                            new FailedDocument(Optional.of("2"), "articles id=2", "the provider refuses it: no"));
            for (int attempt = 1; attempt < ImportEnd.MAX_ATTEMPTS; attempt++) {
                BatchRecord next = submitted(pending);
                assertThat(keys(pending, next)).containsExactly("3", "4");
                int expected = attempt;
                assertThat(read(pending, next))
                        .allSatisfy(document -> assertThat(document.attempt()).isEqualTo(expected));
                pending.imported(next.in(BatchState.Cancelled), new ImportEnd(Map.of(), Map.of(), "never ran", false));
                next = submitted(pending);
                pending.imported(
                        next.in(BatchState.Failed),
                        new ImportEnd(Map.of(), Map.of(0, "server error " + attempt), "lost", true));
            }
            assertThat(pending.totals().documents()).isZero();
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .extracting(document -> document.key().orElseThrow() + " " + document.reason())
                    .containsExactlyInAnyOrder("2 the provider refuses it: no", "3 server error 4", "4 lost");
            assertThat(sink.state(run).totals().failed()).isEqualTo(3);
        }
    }

    @Test
    void whatTheProviderNeverCameToIsNotCountedAgainstADocument() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments pending = pending(sink, run);
            pending.commit(window("2", numbered(1, 2)));

            for (int time = 0; time < ImportEnd.MAX_ATTEMPTS; time++) {
                pending.imported(
                        submitted(pending).in(BatchState.Expired),
                        new ImportEnd(Map.of(), Map.of(0, "server error"), "its batch expired", false));
            }

            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .containsExactly(new FailedDocument(Optional.of("1"), "articles id=1", "server error"));
            assertThat(keys(pending, submitted(pending))).containsExactly("2");
        }
    }

    @Test
    void documentThatTheSinkRefusesFailsAloneAndKeepsItsRows() {
        var halves = spec(VectorType.HalfVector, IndexType.None, DistanceMetric.Cosine, OrphanPolicy.Keep);
        try (EmbeddingSink sink = prepared(halves, ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            sink.windows(run, lease, ARTICLES, Durability.EVERY_WINDOW)
                    .commit(TestingDocuments.window("0", embedded(3, "old")));
            execute(database, "ALTER TABLE vectors ADD CONSTRAINT no_bad_words CHECK (content NOT LIKE '%bad%')");
            PendingDocuments pending = sink.pending(run, lease, BatchMoney.FREE);
            Counts packed = pending.commit(window(
                    "5",
                    waiting(1, "a\0b"),
                    waiting(2, "good"),
                    waiting(3, "new"),
                    waiting(4, "bad"),
                    waiting(5, "text")));
            assertThat(packed.failed()).isEqualTo(1);
            BatchRecord batch = submitted(pending);

            // when
            ImportOutcome outcome = pending.importVectors(
                    batch.id(),
                    Map.of(0, vectors(0, 1), 1, new float[][] {{1, 2, 70_000}}, 2, vectors(2, 1), 3, new float[][] {
                        {1, 2}
                    }));

            // then
            assertThat(outcome.imported()).isEqualTo(1);
            assertThat(outcome.failed()).isEqualTo(3);
            assertThat(outcome.counters()).isEqualTo(new Counts(6, 2, 0, 4, 2, 6, 0, 0, 0));
            assertThat(query(database, "SELECT id, content FROM vectors ORDER BY id"))
                    .containsExactly("2|good", "3|old");
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .extracting(document -> document.key().orElseThrow() + ": " + document.reason())
                    .containsExactlyInAnyOrder(
                            "1: its text holds a NUL character at position 1, which PostgreSQL cannot store: remove it"
                                    + " from the source",
                            "3: the vector of chunk 0 has 70000.0 at dimension 2, beyond what halfvec holds: use"
                                    + " vectorType Vector",
                            "4: the table public.vectors refuses it: new row for relation \"vectors\" violates check"
                                    + " constraint \"no_bad_words\"",
                            "5: the vector of chunk 0 has 2 dimensions, and the table's have 3: check the model");
            end(pending, batch);
            assertThat(pending.totals().documents()).isZero();
        }
    }

    @Test
    void resultWithTooFewVectorsLeavesItsDocumentInTheBatch() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            PendingDocuments pending = pending(sink, run(sink, 1));
            pending.commit(window("1", waiting(1, "one two")));
            BatchRecord batch = submitted(pending);

            ImportOutcome outcome = pending.importVectors(batch.id(), results(1));

            assertThat(outcome.incomplete()).containsExactly(0);
            assertThat(outcome.imported() + outcome.failed() + outcome.ignored())
                    .isZero();
            assertThat(pending.contents(batch).inputs()).containsExactly(2);
        }
    }

    @Test
    void documentsAreEmbeddedWithoutABatchAsWell() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments pending = pending(sink, run);
            pending.commit(window("4", waiting(1, "one"), oversize(2, "two"), waiting(3, "thre"), oversize(4, "four")));

            assertThat(keys(pending.takeRealtime(true, 10, 1000))).containsExactly("2", "4");
            assertThat(keys(pending.takeRealtime(false, 2, 1000))).containsExactly("1", "2");
            assertThat(keys(pending.takeRealtime(false, 10, 0)))
                    .as("at least one")
                    .containsExactly("1");

            ImportOutcome outcome = pending.importEmbedded(
                    List.of(embedded(2, "two"), embedded(3, "another text"), embedded(9, "foreign")),
                    List.of(new FailedDocument(Optional.of("4"), "articles id=4", "the model refuses it")));

            assertThat(outcome).isEqualTo(new ImportOutcome(new Counts(4, 1, 0, 1, 1, 3, 0, 0, 0), 1, 1, 2, List.of()));
            assertThat(query(database, "SELECT id, content FROM vectors")).containsExactly("2|two");
            assertThat(keys(pending.takeRealtime(false, 10, 1000))).containsExactly("1", "3");
            pending.discardUnassigned();
            assertThat(pending.totals().documents()).isZero();
        }
    }

    @Test
    void shardIsNotCompleteWhileAnythingWaits() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            PendingDocuments pending = sink.pending(run, lease, BatchMoney.FREE);
            WindowSink windows = sink.windows(run, lease, ARTICLES, Durability.EVERY_WINDOW);
            String refusal =
                    "shard 0 has documents that wait for their vectors, or batches that are not over: it cannot be"
                            + " complete";

            pending.commit(window("1", waiting(1, "text")));
            assertThatThrownBy(windows::complete).hasMessage(refusal);
            BatchRecord batch = submitted(pending);
            assertThatThrownBy(windows::complete).hasMessage(refusal);
            pending.importVectors(batch.id(), results(1));
            pending.imported(batch.in(BatchState.Imported), TestingPending.NOTHING_LEFT);
            assertThatThrownBy(windows::complete).hasMessage(refusal);
            pending.advance(batch.in(BatchState.Done));
            windows.complete();

            assertThat(sink.state(run).allShardsComplete()).isTrue();
        }
    }

    @Test
    void ownerWhoseShardWasTakenCanChangeNothing() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments former = pending(sink, run);
            former.commit(window("2", numbered(1, 2)));
            BatchRecord batch = submitted(former);

            PendingDocuments newest = pending(sink, run);

            List<Runnable> changes = List.of(
                    () -> former.commit(window("3", waiting(3, "text"))),
                    () -> former.assign(PLENTY),
                    () -> former.advance(batch.in(BatchState.Importing)),
                    () -> former.importVectors(batch.id(), results(2)),
                    () -> former.imported(batch.in(BatchState.Imported), TestingPending.NOTHING_LEFT),
                    () -> former.importEmbedded(List.of(embedded(1, "1001")), List.of()),
                    former::discardUnassigned);
            assertThat(changes)
                    .allSatisfy(change -> assertThatThrownBy(change::run).isInstanceOf(ShardTakenOverException.class));
            assertThat(newest.batches()).containsExactly(batch);
            assertThat(newest.importVectors(batch.id(), results(2)).imported()).isEqualTo(2);
        }
    }

    @Test
    void importThatTheServerLostIsNoticed() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given: a standby took over that never received the import
            PendingDocuments pending = pending(sink, run(sink, 1));
            pending.commit(window("2", numbered(1, 2)));
            BatchRecord batch = submitted(pending);
            execute(database, "CREATE TABLE before AS SELECT * FROM embedding_operator.shards");
            pending.importVectors(batch.id(), results(2));
            execute(database, "UPDATE embedding_operator.shards s SET windows = b.windows, embedded = 0 FROM before b");

            // then
            assertThatThrownBy(() -> pending.advance(batch.in(BatchState.Imported)))
                    .isInstanceOf(CheckpointLostException.class);
        }
    }

    @Test
    void skippedDocumentsAreCountedWhenTheWindowIsPackedAndGetTheirMetadata() {
        SourceSchema schema = source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            sink.windows(run, lease, schema, Durability.EVERY_WINDOW)
                    .commit(TestingDocuments.window("1", embedded(document(new Key.Number(1), "text", "ar"), "text")));
            Document unchanged = document(new Key.Number(1), "text", "en");

            Counts counters = sink.pending(run, lease, BatchMoney.FREE)
                    .commit(new Window<>(
                            TestingDocuments.source("2", Optional.empty(), List.of(unchanged)),
                            List.of(),
                            List.of(unchanged),
                            List.of()));

            assertThat(counters.skipped()).isEqualTo(1);
            assertThat(query(database, "SELECT lang FROM vectors")).containsExactly("en");
        }
    }

    private static PendingDocuments pending(EmbeddingSink sink, Run run) {
        return sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
    }

    private static List<PendingRows.Row> read(PendingDocuments pending, BatchRecord batch) {
        List<PendingRows.Row> documents = new ArrayList<>();
        pending.documents(batch.id(), documents::add);
        return documents;
    }

    private static List<String> keys(PendingDocuments pending, BatchRecord batch) {
        return keys(read(pending, batch).stream().map(PendingRows.Row::document).toList());
    }

    private static List<String> keys(List<WaitingDocument> documents) {
        return documents.stream()
                .map(waiting -> waiting.document().key().toString())
                .toList();
    }
}
