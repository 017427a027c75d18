package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.JOB;
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
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.sink.run.IndexRecall;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.search.SearchFilter;
import io.embeddingoperator.runner.sink.search.SearchHit;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.SourceSchema;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IndexAndSearchTest {
    private static final PgvectorSink HNSW =
            spec(VectorType.Vector, IndexType.HNSW, DistanceMetric.Cosine, OrphanPolicy.Keep);
    private static final String INDEXES =
            "SELECT c.relname, i.indisvalid, c.reloptions FROM pg_index i JOIN pg_class c ON"
                    + " c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam WHERE amname = 'hnsw'";

    private final String database = newDatabase();

    @Test
    void processesThatFinishTogetherBuildOneIndex() throws Exception {
        try (EmbeddingSink sink = filled(HNSW);
                EmbeddingSink other = prepared(HNSW, ARTICLES, database)) {
            Run run = run(sink, 1);
            complete(sink, run, 0);
            try (ExecutorService processes = Executors.newFixedThreadPool(2)) {
                Future<?> first = processes.submit(() -> sink.finish(run, 0, _ -> {}));
                Future<?> second = processes.submit(() -> other.finish(run, 0, _ -> {}));
                first.get();
                second.get();
            }

            assertThat(query(database, INDEXES))
                    .containsExactly("vectors_vector_cosine_hnsw|t|{m=16,ef_construction=64}");
            assertThat(sink.state(run).complete()).isTrue();
        }
    }

    @Test
    void nothingIsFinishedBeforeTheLastShard() {
        try (EmbeddingSink sink = prepared(HNSW, ARTICLES, database)) {
            Run run = run(sink, 2);
            complete(sink, run, 0);

            sink.finish(run, 0, _ -> {});

            assertThat(query(database, INDEXES)).isEmpty();
            assertThat(sink.state(run).complete()).isFalse();
        }
    }

    @Test
    void indexOfAPersonServesAndAnInvalidOneIsBuiltAgain() {
        PgvectorSink halves = spec(VectorType.HalfVector, IndexType.HNSW, DistanceMetric.Euclidean, OrphanPolicy.Keep);
        try (EmbeddingSink sink = filled(halves)) {
            execute(database, "CREATE INDEX mine ON vectors USING hnsw (embedding halfvec_l2_ops)");
            finish(sink);
            assertThat(query(database, INDEXES)).containsExactly("mine|t|null");

            execute(database, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'mine'::regclass");
            finish(sink);
            assertThat(query(database, INDEXES)).containsExactly("vectors_halfvec_l2_hnsw|t|{m=16,ef_construction=64}");
        }
    }

    @Test
    void whatSearchesFindIsMeasuredAtTheEndOfEachRunThatWrites() {
        try (EmbeddingSink sink = filled(HNSW)) {
            Run first = run(sink, 1);
            complete(sink, first, 0);
            IndexRecall measured = sink.finish(first, 0, _ -> {}).recall().orElseThrow();

            // when a run finds everything unchanged
            Run second = sink.openRun(new RunRequest(JOB, 2, "specification", "recipe", false), () -> ranges(1));
            complete(sink, second, 0);

            assertThat(sink.finish(second, 0, _ -> {}).recall()).contains(measured);
            assertThat(measured.queries()).isPositive();
            assertThat(measured.target()).isEqualTo(0.95);

            // and when a person has dropped the index, for a better one
            execute(database, "DROP INDEX vectors_vector_cosine_hnsw");
            Run rebuilding = sink.openRun(new RunRequest(JOB, 4, "specification", "recipe", false), () -> ranges(1));
            complete(sink, rebuilding, 0);

            assertThat(sink.finish(rebuilding, 0, _ -> {})
                            .recall()
                            .orElseThrow()
                            .measuredAt())
                    .isAfter(measured.measuredAt());

            // and when one writes
            Run third = sink.openRun(new RunRequest(JOB, 3, "specification", "recipe", false), () -> ranges(1));
            sink.windows(third, sink.take(third, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(window("1", numbered(1, 60, "changed")));
            complete(sink, third, 0);

            assertThat(sink.finish(third, 0, _ -> {}).recall().orElseThrow().measuredAt())
                    .isAfter(measured.measuredAt());
        }
    }

    @Test
    void searchFindsTheNearestFirst() {
        try (EmbeddingSink sink = prepared(HNSW, ARTICLES, database)) {
            Run run = run(sink, 1);
            sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(window("1", embedded(document(new Key.Number(5), "firstsecond"), "first", "second")));

            List<SearchHit> hits = sink.search(new float[] {1, 0.5f, -2}, DistanceMetric.Cosine, List.of(), 10);

            assertThat(hits)
                    .extracting(SearchHit::key, SearchHit::chunk, SearchHit::content)
                    .containsExactly(tuple("5", 0, "first"), tuple("5", 1, "second"));
            assertThat(hits.getFirst().distance()).isZero();
            assertThat(hits.getLast().distance()).isBetween(0.05, 0.06);
            assertThat(sink.search(new float[] {1, 0.5f, -2}, DistanceMetric.Cosine, List.of(), 500))
                    .hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(VectorType.class)
    void searchKnowsThePgvectorOfASchemaThatNoSearchPathNames(VectorType type) {
        // given
        execute(
                database,
                "DROP EXTENSION IF EXISTS vector",
                "CREATE SCHEMA \"the.\"\"vectors\"\"\"",
                "CREATE EXTENSION vector SCHEMA \"the.\"\"vectors\"\"\"");
        PgvectorSink elsewhere = spec(type, IndexType.HNSW, DistanceMetric.Cosine, OrphanPolicy.Keep);
        try (EmbeddingSink sink = prepared(elsewhere, ARTICLES, database)) {
            Run run = run(sink, 1);
            sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(window("1", embedded(document(new Key.Number(5), "first second"), "first", " second")));

            // when, then
            assertThat(sink.search(new float[] {1, 0.5f, -2}, DistanceMetric.Cosine, List.of(), 1))
                    .extracting(SearchHit::key, SearchHit::content)
                    .containsExactly(tuple("5", "first"));
        }
    }

    @Test
    void searchTellsTheMetadataOfWhatItFinds() {
        SourceSchema schema = ofLanguagesAndYears();
        try (EmbeddingSink sink = prepared(HNSW, schema, database)) {
            Run run = run(sink, 1);
            sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD)
                    .commit(window(
                            "2",
                            embedded(document(new Key.Number(5), "a", "en", 1984), "a"),
                            embedded(document(new Key.Number(6), "b", null, 2001), "b")));

            assertThat(sink.search(new float[] {1, 0.5f, -2}, DistanceMetric.Cosine, List.of(), 10))
                    .extracting(hit -> hit.key() + " " + hit.metadata())
                    .containsExactlyInAnyOrder("5 {lang=en, Year=1984}", "6 {Year=2001}");
        }
    }

    @Test
    void aConditionIsMetByEachRowThatASearchFinds() {
        // given
        SourceSchema schema = ofLanguagesAndYears();
        try (EmbeddingSink sink = prepared(HNSW, schema, database)) {
            Run run = run(sink, 1);
            sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD)
                    .commit(window(
                            "3",
                            embedded(document(new Key.Number(5), "a", "en", 1984), "a"),
                            embedded(document(new Key.Number(6), "b", null, 2001), "b"),
                            embedded(document(new Key.Number(7), "c", "it's", null), "c")));

            // then
            assertThat(found(sink, "lang=en")).containsExactly("5");
            assertThat(found(sink, " lang = 'it''s' ")).containsExactly("7");
            assertThat(found(sink, "lang='; DROP TABLE vectors --")).isEmpty();
            assertThat(found(sink, "lang != en")).containsExactly("7");
            assertThat(found(sink, "lang is null")).containsExactly("6");
            assertThat(found(sink, "lang IS NOT NULL", "Year<2000")).containsExactly("5");
            assertThat(found(sink, "Year>=1984", "id <= 5")).containsExactly("5");
            // As numbers, not as texts.
            assertThat(found(sink, "Year>300")).containsExactly("5", "6");
            assertThatThrownBy(() -> found(sink, "year>300"))
                    .hasMessage(
                            "--where is 'year>300', and public.vectors has no column year to filter by: use one of id,"
                                    + " lang, Year");
            assertThatThrownBy(() -> found(sink, "content=a"))
                    .hasMessageContaining("has no column content to filter by");
            assertThatThrownBy(() -> found(sink, "Year=old"))
                    .hasMessage(
                            "--where is 'Year=old', and column Year is integer; the server says: invalid input syntax for"
                                    + " type integer: \"old\"");
            assertThatThrownBy(() -> found(sink, "lang"))
                    .hasMessageStartingWith("--where is 'lang', which is no condition on a column: write");
        }
    }

    @Test
    void aRareValueIsFoundBehindAnIndexThatEndsBeforeIt() {
        // given: the rare rows are the farthest from the query, behind all that a scan of the index looks at
        SourceSchema schema = source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        try (EmbeddingSink sink = prepared(HNSW, schema, database)) {
            execute(database, """
                    INSERT INTO vectors (id, chunk, content, embedding, lang, chunk_start, chunk_end, document_hash, embedded_at)
                    SELECT i, 0, i::text, format('[1,%s,0]', i)::vector, CASE WHEN i > 29997 THEN 'rare' ELSE 'common' END,
                      0, 1, '', now() FROM generate_series(1, 30000) i""");
            execute(database, "CREATE INDEX ON vectors USING hnsw (embedding vector_cosine_ops)");
            execute(database, "ANALYZE vectors");

            // when, then
            assertThat(found(sink, "lang=rare")).containsExactly("29998", "29999", "30000");
            assertThat(found(sink, "lang=common")).hasSize(10);
            // More than the 1,000 candidates that the index keeps at the most.
            assertThat(sink.search(new float[] {1, 0, 0}, DistanceMetric.Cosine, List.of(), 1_500))
                    .hasSize(1_500);
        }
    }

    @Test
    void searchBeforeTheRunSaysSo() {
        try (EmbeddingSink sink = open(HNSW, database)) {
            assertThatThrownBy(() -> sink.search(new float[] {1, 2, 3}, DistanceMetric.Cosine, List.of(), 10))
                    .hasMessage(
                            "spec.sink.pgvector.table is public.vectors, which does not exist yet: run the job first");
        }
    }

    @Test
    void theRecipeThatFilledTheTableIsKnownToRolesThatMayReadTheState() {
        // given
        try (EmbeddingSink sink = open(HNSW, database)) {
            assertThat(sink.recipe()).isEmpty();
        }
        try (EmbeddingSink sink = filled(HNSW)) {
            execute(database, "UPDATE embedding_operator.runs SET recipe = 'None|onnx model=aa'");

            // when, then
            assertThat(sink.recipe()).contains("None|onnx model=aa");
        }
        execute(database, """
                DO $$ BEGIN
                  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'searcher') THEN
                    CREATE ROLE searcher LOGIN PASSWORD 'searcher';
                  END IF;
                END $$""");
        execute(database, "GRANT SELECT ON vectors TO searcher");
        try (EmbeddingSink sink = open(HNSW, database.replaceFirst("//[^@]*@", "//searcher:searcher@"))) {
            assertThat(sink.recipe()).isEmpty();
        }
    }

    @Test
    void searchWithAnotherModelSaysSo() {
        try (EmbeddingSink sink = prepared(HNSW, ARTICLES, database)) {
            assertThatThrownBy(() -> sink.search(new float[] {1, 2}, DistanceMetric.Cosine, List.of(), 10))
                    .hasMessage(
                            "spec.sink.pgvector.table is public.vectors, whose column embedding is vector(3), and the"
                                    + " query's vector is vector(2): use the embedder and the vectorType that "
                                    + "filled the table");
        }
    }

    private static List<String> found(EmbeddingSink sink, String... conditions) {
        List<SearchFilter> filters =
                Arrays.stream(conditions).map(SearchFilter::parse).toList();
        return sink.search(new float[] {1, 0.5f, -2}, DistanceMetric.Cosine, filters, 10).stream()
                .map(SearchHit::key)
                .sorted()
                .toList();
    }

    private EmbeddingSink filled(PgvectorSink spec) {
        EmbeddingSink sink = prepared(spec, ARTICLES, database);
        Run run = run(sink, 1);
        sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                .commit(window("1", numbered(1, 500, "text")));
        return sink;
    }

    private static void finish(EmbeddingSink sink) {
        Run run = run(sink, 1);
        complete(sink, run, 0);
        sink.finish(run, 0, _ -> {});
    }

    private static SourceSchema ofLanguagesAndYears() {
        return source(
                KeyType.BIGINT,
                KeyOrder.BY_KEY,
                new MetadataColumn("lang", ColumnType.TEXT),
                new MetadataColumn("Year", ColumnType.INTEGER));
    }
}
