package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.range;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.RECIPE;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.ranges;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.TableOwnership;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.StoredDocuments;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.SourceSchema;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows that a job did not write are not replaced and not removed, and a table has one owner unless manifests say otherwise. */
class TableOwnershipTest {
    private static final String CANNOT = "The sink cannot be used, and nothing was written: ";
    private static final String VECTORS = "SELECT id, chunk, content FROM vectors ORDER BY 1, 2";
    private static final String A_TABLE =
            "CREATE TABLE vectors (id bigint, chunk int, content text, embedding vector(3), chunk_start int, chunk_end int,"
                    + " document_hash bytea, embedded_at timestamptz, PRIMARY KEY (id, chunk))";

    private final String database = newDatabase();
    private final String role = database.replaceFirst(".*/([^/?]*).*", "guest_of_$1");

    @AfterEach
    void forgetRole() {
        execute(
                database,
                ("DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '%1$s') THEN DROP OWNED BY %1$s "
                                + "CASCADE; END IF; END $$")
                        .formatted(role),
                "DROP ROLE IF EXISTS " + role);
    }

    @Test
    void tableOfAnotherJobIsRefusedUntilAManifestSaysOtherwise() {
        load("shop/a", TableOwnership.Own, numbered(1, 3, "a"));

        assertThatThrownBy(() -> prepared("shop/b", TableOwnership.Own).close())
                .isInstanceOf(SpecificationException.class)
                .hasMessage(CANNOT
                        + "spec.sink.pgvector.table is public.vectors, which holds 3 rows and is owned by shop/a:"
                        + " set spec.sink.pgvector.ownership to Share in this job and in theirs to write beside each other, or to Adopt in"
                        + " this one to take the table over with all its rows, or name another table.");
        assertThatThrownBy(() -> prepared("shop/b", TableOwnership.Share).close())
                .as("the owner must say so as well")
                .hasMessageContaining("is owned by shop/a");
        execute(database, "TRUNCATE vectors");
        assertThatThrownBy(() -> prepared("shop/b", TableOwnership.Own).close())
                .as("the owner may be about to fill it")
                .hasMessageContaining("which holds 0 rows and is owned by shop/a");
    }

    @Test
    void jobThatWasDeletedAndMadeAgainKeepsItsTable() {
        load("shop/a", TableOwnership.Own, numbered(1, 3, "old"));

        try (EmbeddingSink sink = prepared("shop/a", TableOwnership.Own)) {
            Run run = openRun(sink, "shop/a@another-uid", 1);
            windows(sink, run).commit(window("2", range(0, 3), List.of(), embedded(1, "new"), embedded(2, "new")));
            end(sink, run);

            assertThat(query(database, VECTORS)).containsExactly("1|0|new", "2|0|new");
        }
    }

    @Test
    void tableThatAStrangerFilledIsRefusedOrAdoptedOnPurpose() {
        execute(database, A_TABLE, stranger(500, 509, "mine"));

        assertThatThrownBy(() -> prepared("shop/a", TableOwnership.Own).close())
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        CANNOT + "spec.sink.pgvector.table is public.vectors, which holds 10 rows that no recorded run"
                                + " wrote: set spec.sink.pgvector.ownership to Share to leave them alone and write beside them, or to"
                                + " Adopt to make them this job's, or name another table.");
        assertThat(query(database, "SELECT 1 FROM pg_namespace WHERE nspname = 'embedding_operator'"))
                .isEmpty();

        // when it is adopted, and a stranger adds rows afterwards
        try (EmbeddingSink sink = prepared("shop/a", TableOwnership.Adopt)) {
            execute(database, stranger(600, 600, "later"));
            Run run = openRun(sink, "shop/a", 1);
            windows(sink, run).commit(window("509", range(0, 1000), List.of(), embedded(505, "ours")));
            end(sink, run);
        }
        prepared("shop/a", TableOwnership.Adopt).close();

        // then what it held is the job's, and what came later is not, however often the manifest says Adopt
        assertThat(query(database, VECTORS)).containsExactly("505|0|ours", "600|0|later");
        load("shop/a", TableOwnership.Adopt, embedded(505, "ours"));
        assertThat(query(database, VECTORS)).containsExactly("505|0|ours", "600|0|later");
    }

    @Test
    void ownerWhoseTableIsAdoptedIsShutOut() {
        try (EmbeddingSink former = prepared("shop/a", TableOwnership.Own)) {
            Run run = openRun(former, "shop/a", 1);
            WindowSink windows = windows(former, run);
            windows.commit(window("1", embedded(1, "a")));

            load("shop/b", TableOwnership.Adopt, embedded(2, "b"));

            assertThatThrownBy(() -> windows.commit(window("3", embedded(3, "a"))))
                    .isInstanceOf(ShardTakenOverException.class);
            assertThatThrownBy(() -> openRun(former, "shop/a", 1)).hasMessageContaining("another job took the table");
        }
        assertThatThrownBy(() -> prepared("shop/a", TableOwnership.Own).close())
                .hasMessageContaining("is owned by shop/b");
        assertThat(query(database, VECTORS)).containsExactly("2|0|b");
    }

    @Test
    void jobsThatShareATableLeaveEachOthersRowsAlone() {
        load("shop/a", TableOwnership.Share, numbered(1, 3, "a"));
        load("shop/b", TableOwnership.Share, numbered(4, 5, "b"));
        execute(database, stranger(6, 6, "stranger"));

        try (EmbeddingSink sink = prepared("shop/a", TableOwnership.Share)) {
            Run run = openRun(sink, "shop/a", 2);
            windows(sink, run)
                    .commit(window(
                            "6",
                            range(0, 1000),
                            List.of(),
                            embedded(2, "again"),
                            embedded(4, "of b"),
                            embedded(6, "of a stranger")));
            end(sink, run);

            assertThat(query(database, VECTORS)).containsExactly("2|0|again", "4|0|b 4", "5|0|b 5", "6|0|stranger");
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .extracting(failed -> failed.key().orElseThrow(), failed -> failed.reason())
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("4", StoredDocuments.KEPT_ROWS),
                            org.assertj.core.groups.Tuple.tuple("6", StoredDocuments.KEPT_ROWS));
            assertThat(sink.state(run).totals().removed()).isEqualTo(2);
        }
        assertThatThrownBy(() -> prepared("shop/a", TableOwnership.Own).close())
                .hasMessageContaining("is shared by shop/b");
    }

    @Test
    void rowsOfAStrangerUnderTheKeyOfADocumentAreNeverMixedWithItsOwn() {
        SourceSchema schema =
                TestingSink.source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        try (EmbeddingSink sink = open(sinkSpec(TableOwnership.Own), database)) {
            sink.prepare("shop/a", schema, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
            Run run = openRun(sink, "shop/a", 1);
            execute(
                    database,
                    "INSERT INTO vectors (id, chunk, content, embedding, chunk_start, chunk_end, document_hash, embedded_at, lang)"
                            + " VALUES (7, 3, 'another chunk', '[1,2,3]', 0, 4, '\\x00', now(), 'de'),"
                            + " (8, 0, 'the first', '[1,2,3]', 0, 4, '\\x00', now(), 'de')");
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD);

            assertThat(windows.stored(List.of(new Key.Number(8), new Key.Number(9)))
                            .ofOthers())
                    .containsExactly(new Key.Number(8));
            Document eight = TestingDocuments.document(new Key.Number(8), "text", "en");
            windows.commit(new Window<>(
                    window("8").source(),
                    List.of(
                            embedded(TestingDocuments.document(new Key.Number(6), "six", "en"), "six"),
                            embedded(TestingDocuments.document(new Key.Number(7), "seven", "en"), "seven")),
                    List.of(eight),
                    List.of()));

            assertThat(query(database, "SELECT id, chunk, content, lang FROM vectors ORDER BY 1"))
                    .containsExactly("6|0|six|en", "7|3|another chunk|de", "8|0|the first|de");
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .extracting(failed -> failed.key().orElseThrow())
                    .containsExactly("7");
        }
    }

    @Test
    void rowsFromBeforeThereWereMarksAreTheOnlyWritersAndThoseThatCameLaterAreNot() {
        // given a table that only runs of this job have filled, and a row that a stranger added when they were over
        load("shop/a", TableOwnership.Own, numbered(1, 5, "old"));
        forgetMarks();
        execute(database, stranger(6, 6, "stranger"));

        try (EmbeddingSink sink = prepared("shop/a", TableOwnership.Own)) {
            Run run = openRun(sink, "shop/a", 2);
            assertThat(windows(sink, run).stored(List.of(new Key.Number(1))).hashes())
                    .hasSize(1);
            windows(sink, run)
                    .commit(window(
                            "9",
                            range(0, 9),
                            List.of(),
                            embedded(1, "new"),
                            embedded(2, "new"),
                            embedded(3, "new"),
                            embedded(4, "new")));
            end(sink, run);
        }

        assertThat(query(database, "SELECT id, content, embedded_by IS NOT NULL FROM vectors ORDER BY 1"))
                .containsExactly("1|new|t", "2|new|t", "3|new|t", "4|new|t", "6|stranger|f");
    }

    @Test
    void rowsThatAnOlderRunnerWroteAfterwardsAreTheJobsAsWell() {
        load("shop/a", TableOwnership.Own, embedded(1, "first"));
        // when a runner from before there were marks takes over for a run, and goes again
        load("shop/a", TableOwnership.Own, embedded(1, "first"), embedded(2, "of an older runner"));
        execute(
                database,
                "UPDATE vectors SET embedded_by = NULL WHERE id = 2",
                "DELETE FROM embedding_operator.marked_runs WHERE run_id = (SELECT max(run_id) FROM embedding_operator.runs)");

        load("shop/a", TableOwnership.Own, embedded(1, "first"), embedded(2, "new"));

        assertThat(query(database, VECTORS)).containsExactly("1|0|first", "2|0|new");
    }

    @Test
    void tableThatSeveralJobsFilledBeforeOwnersWereRecordedMustBeSharedOrAdopted() {
        load("shop/a", TableOwnership.Share, numbered(1, 3, "a"));
        load("shop/b", TableOwnership.Share, numbered(4, 5, "b"));
        forgetMarks();

        assertThatThrownBy(() -> prepared("shop/a", TableOwnership.Own).close())
                .hasMessageContaining("which holds 5 rows and was written by shop/a, shop/b");
        try (EmbeddingSink sink = prepared("shop/a", TableOwnership.Share)) {
            Run run = openRun(sink, "shop/a", 2);
            windows(sink, run).commit(window("9", range(0, 9), List.of(), embedded(1, "new")));
            end(sink, run);
        }

        // then a document replaces its rows, and no row without a known writer is removed
        assertThat(query(database, VECTORS)).containsExactly("1|0|new", "2|0|a 2", "3|0|a 3", "4|0|b 4", "5|0|b 5");
    }

    @Test
    void roleThatCannotAddTheMarkKeepsRowsAndIsToldWhatRemovalNeeds() {
        execute(
                database,
                A_TABLE,
                "CREATE ROLE %s LOGIN PASSWORD 'test'".formatted(role),
                "CREATE SCHEMA embedding_operator AUTHORIZATION " + role,
                "GRANT SELECT, INSERT, DELETE ON vectors TO " + role);
        String uri = database.replaceFirst("//[^@]*@", "//" + role + ":test@");
        try (EmbeddingSink sink = open(sinkSpec(TableOwnership.Own), uri)) {
            assertThatThrownBy(() -> sink.prepare(
                            "shop/a", ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage(CANNOT
                            + "spec.sink.pgvector.orphans is Delete, and public.vectors has no column embedded_by"
                            + " that tells which rows are this job's: let the owner of the table run: ALTER TABLE"
                            + " \"public\".\"vectors\" ADD COLUMN embedded_by integer; or use Keep.");
        }
        try (EmbeddingSink sink = open(TestingSink.spec(), uri)) {
            sink.prepare("shop/a", ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
            Run run = openRun(sink, "shop/a", 1);
            windows(sink, run).commit(window("1", embedded(1, "text")));
            end(sink, run);
        }
        assertThat(query(database, VECTORS)).containsExactly("1|0|text");

        // when the owner adds it
        execute(database, "ALTER TABLE public.vectors ADD COLUMN embedded_by integer");
        try (EmbeddingSink sink = open(sinkSpec(TableOwnership.Own), uri)) {
            sink.prepare("shop/a", ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
            Run run = openRun(sink, "shop/a", 2);
            windows(sink, run).commit(window("2", range(0, 9), List.of(), embedded(2, "text")));
            end(sink, run);
        }
        assertThat(query(database, VECTORS))
                .as("rows from before are the job's")
                .containsExactly("2|0|text");
    }

    /** As an earlier release left the database: no owners, no marks, no column. */
    private void forgetMarks() {
        execute(
                database,
                "DELETE FROM embedding_operator.table_owners",
                "DELETE FROM embedding_operator.marked_runs",
                "ALTER TABLE vectors DROP COLUMN embedded_by");
    }

    private static String stranger(long from, long through, String content) {
        return ("INSERT INTO vectors (id, chunk, content, embedding, chunk_start, chunk_end, document_hash, embedded_at)"
                        + " SELECT i, 0, '%s', '[1,2,3]', 0, 4, '\\x00', now() FROM generate_series(%d, %d) i")
                .formatted(content, from, through);
    }

    /** A whole run of a job that holds these documents. */
    private void load(String job, TableOwnership ownership, EmbeddedDocument... documents) {
        try (EmbeddingSink sink = prepared(job, ownership)) {
            Run run = openRun(sink, job, 1);
            windows(sink, run).commit(window("end", range(0, 1000), List.of(), documents));
            end(sink, run);
        }
    }

    private EmbeddingSink prepared(String job, TableOwnership ownership) {
        EmbeddingSink sink = open(sinkSpec(ownership), database);
        try {
            sink.prepare(job, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
            return sink;
        } catch (RuntimeException e) {
            sink.close();
            throw e;
        }
    }

    private static PgvectorSink sinkSpec(TableOwnership ownership) {
        return new PgvectorSink(
                TestingSink.spec().connection(),
                "public.vectors",
                null,
                new IndexSpec(IndexType.None, null, null, null, null),
                OrphanPolicy.Delete,
                ownership,
                100,
                null,
                null,
                null,
                null);
    }

    private static Run openRun(EmbeddingSink sink, String job, int number) {
        return sink.openRun(new RunRequest(job, number, "specification", "recipe", false), () -> ranges(1));
    }

    private static WindowSink windows(EmbeddingSink sink, Run run) {
        return sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
    }

    private static void end(EmbeddingSink sink, Run run) {
        TestingSink.complete(sink, run, 0);
        assertThat(sink.finish(run, 0, _ -> {}).held()).isEmpty();
    }
}
