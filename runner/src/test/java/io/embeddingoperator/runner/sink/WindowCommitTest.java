package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.ranges;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.source;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedChunk;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.Damage;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WindowCommitTest {
    private final String database = newDatabase();

    @Test
    void committedDocumentHasOneRowAChunk() {
        SourceSchema schema = source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD);

            Counts counters = windows.commit(
                    window("7", embedded(document(new Key.Number(7), "first second", "ar"), "first ", "second")));

            assertThat(query(
                            database,
                            "SELECT id, chunk, content, embedding, lang, chunk_start, chunk_end FROM vectors"))
                    .containsExactly("7|0|first |[1,0.5,-2]|ar|0|6", "7|1|second|[2,0.5,-2]|ar|6|12");
            assertThat(query(
                            database,
                            "SELECT count(*) FROM vectors WHERE embedded_at BETWEEN now() - interval '1 minute'"
                                    + " AND now() AND length(document_hash) = 16"))
                    .containsExactly("2");
            assertThat(counters).isEqualTo(new Counts(1, 1, 0, 0, 2, 6, 0, 0, 0));
            assertThat(sink.state(run).totals()).isEqualTo(counters);
            assertThat(windows.stored(List.of(new Key.Number(7), new Key.Number(8)))
                            .hashes())
                    .containsExactly(Map.entry(new Key.Number(7), DocumentHash.of("recipe", "first second")));
            assertThat(sink.take(run, 0).orElseThrow().position()).contains(new Position("7"));
        }
    }

    @Test
    void changedDocumentLosesTheChunksThatItNoLongerHas() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
            windows.commit(window("1", embedded(document(new Key.Number(1), "abc"), "a", "b", "c")));

            windows.commit(window("1 again", embedded(document(new Key.Number(1), "d"), "d")));

            assertThat(query(database, "SELECT id, chunk, content FROM vectors"))
                    .containsExactly("1|0|d");
        }
    }

    @Test
    void everyMetadataTypeArrivesAsItWas() {
        MetadataColumn[] columns = Arrays.stream(ColumnType.values())
                .map(type -> new MetadataColumn("m_" + type.name().toLowerCase(), type))
                .toArray(MetadataColumn[]::new);
        SourceSchema schema = source(KeyType.UUID, KeyOrder.BY_KEY, columns);
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            UUID key = UUID.fromString("00000000-0000-0000-0000-00000000000f");

            sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD)
                    .commit(window(
                            "end",
                            embedded(
                                    document(
                                            new Key.Uuid(key),
                                            "full",
                                            TestingDocuments.A_VALUE_OF_EVERY_TYPE.toArray()),
                                    "full"),
                            embedded(
                                    document(new Key.Uuid(new UUID(0, 16)), "empty", new Object[columns.length]),
                                    "empty")));

            String names = String.join(
                            ", ",
                            Arrays.stream(columns).map(MetadataColumn::name).toList())
                    .replace("m_timestamptz", "m_timestamptz AT TIME ZONE 'UTC'");
            assertThat(query(database, "SELECT id, " + names + " FROM vectors ORDER BY id"))
                    .containsExactly(
                            key + "|t|-3|42|1099511627776|1.5|-2.25|-12345678901234567890.000123400|naïve 𝄞|"
                                    + TestingDocuments.A_VALUE_OF_EVERY_TYPE.get(8)
                                    + "|1999-12-31|2024-02-29 23:59:59.123456|1969-07-20 20:17:40.5|{\"a\": [1, null]}",
                            new UUID(0, 16) + "|null".repeat(columns.length));
        }
    }

    @Test
    void chunksThatTheModelDoesNotKnowCountWhoeverHasTheShard() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 2);
            WindowSink first = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
            first.keep(List.of(unknown(1)));

            // when
            ShardLease lease = sink.take(run, 0).orElseThrow();
            WindowSink second = sink.windows(run, lease, ARTICLES, Durability.EVERY_SHARD);
            Counts after = second.commit(TestingDocuments.window("3", unknown(2), embedded(3, "known")));

            // then
            assertThat(lease.counters().unknownChunks()).isEqualTo(1);
            assertThat(after.unknownChunks()).isEqualTo(2);
            assertThat(sink.state(run).totals()).isEqualTo(after);
            assertThat(sink.totalsWithout(run, 1).counters()).isEqualTo(after);
            assertThat(sink.totalsWithout(run, 0).counters().unknownChunks()).isZero();

            // and they are forgotten with the rows of the table
            execute(database, "DROP TABLE vectors");
            prepared(spec(), ARTICLES, database).close();
            assertThat(sink.state(run).totals()).isEqualTo(Counts.ZERO);
        }
    }

    private static EmbeddedDocument unknown(long key) {
        Document document = document(new Key.Number(key), "한국어");
        Chunk chunk = new Chunk(0, 0, 3, 3, false, true);
        return new EmbeddedDocument(
                document,
                DocumentHash.of("recipe", document.text()),
                List.of(new EmbeddedChunk(chunk, new float[] {1, 2, 3})));
    }

    @Test
    void keptDocumentsCountOnceThoughTheyAreReadAgain() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given four documents before the end of their window, and no process that goes on
            Run run = run(sink, 1);
            Counts kept = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .keep(List.of(embedded(1, "one"), embedded(2, "two"), embedded(3, "three"), embedded(4, "four")));
            assertThat(kept).isEqualTo(new Counts(0, 4, 0, 0, 4, 12, 0, 0, 0));
            assertThat(sink.state(run).totals()).isEqualTo(kept);

            // when the window is read again: two are as they were, one is changed, and one is gone
            ShardLease lease = sink.take(run, 0).orElseThrow();
            assertThat(lease.position()).isEmpty();
            WindowSink windows = sink.windows(run, lease, ARTICLES, Durability.EVERY_SHARD);
            List<Document> unchanged = List.of(document(new Key.Number(1), "one"), document(new Key.Number(2), "two"));
            EmbeddedDocument changed = embedded(3, "changed");
            SourceWindow read = TestingDocuments.source(
                    "5",
                    Optional.empty(),
                    Stream.concat(unchanged.stream(), Stream.of(changed.document()))
                            .toList());
            Counts after = windows.commit(new Window<>(read, List.of(changed), unchanged, List.of()));
            assertThat(after).isEqualTo(new Counts(3, 5, 0, 0, 5, 15, 0, 0, 0));
            windows.complete();
            windows.complete();

            // then
            assertThat(sink.state(run).totals()).isEqualTo(new Counts(3, 3, 0, 0, 5, 15, 0, 0, 0));
        }
    }

    @Test
    void onlyKeptDocumentsAreNotCountedAsSkipped() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given two documents of an earlier run and two that were kept
            Run first = run(sink, 1);
            WindowSink before =
                    sink.windows(first, sink.take(first, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
            before.commit(window("2", embedded(1, "one"), embedded(2, "two")));
            before.complete();
            Run second = sink.openRun(
                    new RunRequest("default/articles", 2, "specification", "recipe", false), () -> ranges(1));
            sink.windows(second, sink.take(second, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .keep(List.of(embedded(3, "three"), embedded(4, "four")));

            // when
            List<Document> unchanged = LongStream.rangeClosed(1, 4)
                    .mapToObj(key -> document(new Key.Number(key), "of any text"))
                    .toList();
            WindowSink windows =
                    sink.windows(second, sink.take(second, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
            for (Document document : unchanged) {
                windows.commit(new Window<>(
                        TestingDocuments.source(document.key().toString(), Optional.empty(), List.of(document)),
                        List.of(),
                        List.of(document),
                        List.of()));
            }
            windows.complete();

            // then
            Counts totals = sink.state(second).totals();
            assertThat(totals.embedded()).isEqualTo(2);
            assertThat(totals.skipped()).isEqualTo(2);
        }
    }

    @Test
    void ownerWhoseShardWasTakenCanWriteNothing() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            ShardLease first = sink.take(run, 0).orElseThrow();
            WindowSink former = sink.windows(run, first, ARTICLES, Durability.EVERY_SHARD);
            former.commit(window("1", embedded(1, "one")));
            WindowSink newest = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);

            assertThatThrownBy(() -> former.commit(window("2", embedded(2, "two"))))
                    .isInstanceOf(ShardTakenOverException.class)
                    .hasMessage("shard 0 was taken over by another runner: this one wrote nothing more and stops");
            assertThatThrownBy(() -> former.complete()).isInstanceOf(ShardTakenOverException.class);
            newest.commit(window("2", embedded(2, "also two")));

            assertThat(query(database, "SELECT id, content FROM vectors ORDER BY id"))
                    .containsExactly("1|one", "2|also two");
            assertThat(sink.state(run).totals().embedded()).isEqualTo(2);
        }
    }

    @Test
    void documentThatTheServerRefusesIsSetAsideAlone() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
            windows.commit(window("old", embedded(33, "the old text of a document that is refused later")));
            execute(database, "ALTER TABLE vectors ADD CONSTRAINT no_bad_words CHECK (content NOT LIKE '%bad%')");
            EmbeddedDocument[] documents = TestingDocuments.numbered(1, 100, "text");
            documents[32] = embedded(33, "bad");
            documents[77] = embedded(78, "bad too");

            Counts counters = windows.commit(window("end", documents));

            assertThat(counters).isEqualTo(new Counts(101, 99, 0, 2, 99, 297, 0, 0, 0));
            assertThat(query(database, "SELECT count(*), count(*) FILTER (WHERE content = 'text ' || id) FROM vectors"))
                    .containsExactly("99|98");
            assertThat(query(database, "SELECT content FROM vectors WHERE id = 33"))
                    .containsExactly("the old text of a document that is refused later");
            String reason =
                    "the table public.vectors refuses it: new row for relation \"vectors\" violates check constraint"
                            + " \"no_bad_words\"";
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .extracting(
                            document -> document.key().orElseThrow(), FailedDocument::location, FailedDocument::reason)
                    .containsExactly(tuple("33", "articles id=33", reason), tuple("78", "articles id=78", reason));
        }
    }

    @Test
    void deferredConstraintSetsOneDocumentAsideInsteadOfTheWindow() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            execute(
                    database,
                    "CREATE TABLE known (id bigint PRIMARY KEY)",
                    "INSERT INTO known VALUES (1)",
                    "ALTER TABLE vectors ADD FOREIGN KEY (id) REFERENCES known DEFERRABLE INITIALLY DEFERRED");
            Run run = run(sink, 1);

            Counts counters = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(window("end", embedded(1, "known"), embedded(2, "unknown")));

            assertThat(counters.embedded()).isEqualTo(1);
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .extracting(FailedDocument::reason)
                    .containsExactly(
                            "the table public.vectors refuses it: insert or update on table \"vectors\" violates"
                                    + " foreign key constraint \"vectors_id_fkey\"");
        }
    }

    @Test
    void whatCannotBeStoredIsSetAsideWithItsReason() {
        SourceSchema schema = source(KeyType.TEXT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        var halves = spec(VectorType.HalfVector, IndexType.None, DistanceMetric.Cosine, OrphanPolicy.Keep);
        try (EmbeddingSink sink = prepared(halves, schema, database)) {
            Run run = run(sink, 1);
            Key good = new Key.Text("good");

            sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD)
                    .commit(window(
                            "end",
                            embedded(document(new Key.Text("nul"), "a\0b", "en"), "a\0b"),
                            embedded(document(new Key.Text("surrogate"), "ab\ud83d", "en"), "ab\ud83d"),
                            embedded(document(new Key.Text("meta"), "t", "x\0"), "t"),
                            embedded(document(new Key.Text("k\0"), "t", "en"), "t"),
                            embedded(document(new Key.Text("k".repeat(2049)), "t", "en"), "t"),
                            vector("short", 1, 2),
                            vector("nan", 1, Float.NaN, 3),
                            vector("infinite", 1, 2, Float.POSITIVE_INFINITY),
                            vector("big", 1, 2, 70_000),
                            vector("zero", 0, 0, 0),
                            vector("zeros of halfvec", 0, 1e-8f, -0f),
                            embedded(document(good, "t", "en"), "t")));

            assertThat(query(database, "SELECT id, embedding FROM vectors ORDER BY id"))
                    .containsExactly("good|[1,0.5,-2]");
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 20))
                    .extracting(FailedDocument::reason)
                    .containsExactly(
                            "its text holds a NUL character at position 1, which PostgreSQL cannot store: "
                                    + "remove it from the" + " source",
                            "its text holds half of a surrogate pair (\\ud83d) at position 2, which is no "
                                    + "character: remove" + " it from the source",
                            "its lang holds a NUL character at position 1, which PostgreSQL cannot store: "
                                    + "correct it in the" + " source",
                            "its key holds a NUL character at position 1, which PostgreSQL cannot store: give "
                                    + "it another key",
                            "its key has 2049 bytes, more than 2048: give it a shorter one",
                            "the vector of chunk 0 has 2 dimensions, and the table's have 3: check the model",
                            "the vector of chunk 0 has NaN at dimension 1: check the model",
                            "the vector of chunk 0 has Infinity at dimension 2: check the model",
                            "the vector of chunk 0 has 70000.0 at dimension 2, beyond what halfvec holds: use "
                                    + "vectorType" + " Vector",
                            "the vector of chunk 0 has nothing but zeros, which an index on cosine never finds: check the model",
                            "the vector of chunk 0 has nothing but zeros, which an index on cosine never finds: check the model");
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 20).get(3).key())
                    .contains("k\ufffd");
        }
    }

    @Test
    void skippedAndFailedDocumentsAreCounted() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            FailedDocument unread = new FailedDocument(Optional.empty(), "in/a.ndjson line 3", "no JSON");

            Counts counters = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(new Window<>(
                            TestingDocuments.source("end", Optional.empty(), List.of()),
                            List.of(),
                            List.of(document(new Key.Number(1), "one"), document(new Key.Number(2), "two")),
                            List.of(unread)));

            assertThat(counters).isEqualTo(new Counts(0, 0, 2, 1, 0, 0, 0, 0, 0));
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10)).containsExactly(unread);
        }
    }

    @Test
    void damagedPartsOfFilesAreToldApartFromDocuments() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            FailedDocument unread = new FailedDocument(Optional.empty(), "in/a.ndjson at byte 3", "no JSON");
            FailedDocument first = FailedDocument.damage("in/b.ndjson.gz", "the file ends in the middle");
            FailedDocument second = FailedDocument.damage("in/c.parquet rows 5 to 9", "damaged");
            assertThat(sink.damage(run)).isEmpty();

            // when
            sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(new Window<>(
                            TestingDocuments.source("end", Optional.empty(), List.of()),
                            List.of(),
                            List.of(),
                            List.of(unread, first, second)));

            // then
            assertThat(sink.damage(run)).contains(new Damage(2, "in/b.ndjson.gz"));
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10)).containsExactly(unread, first, second);
        }
    }

    private static EmbeddedDocument vector(String key, float... vector) {
        EmbeddedDocument plain = embedded(document(new Key.Text(key), "t", "en"), "t");
        return new EmbeddedDocument(
                plain.document(),
                plain.hash(),
                List.of(new EmbeddedChunk(new Chunk(0, 0, 1, 3, false, false), vector)));
    }
}
