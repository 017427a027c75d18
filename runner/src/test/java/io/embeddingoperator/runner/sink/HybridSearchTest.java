package io.embeddingoperator.runner.sink;

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
import static io.embeddingoperator.runner.sink.TestingSink.swapping;
import static io.embeddingoperator.runner.sink.TestingSink.withWords;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.search.SearchFilter;
import io.embeddingoperator.runner.sink.search.SearchHit;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.SourceSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class HybridSearchTest {
    private static final SourceSchema LANGUAGES =
            source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
    private static final String WORD_INDEXES = """
            SELECT tablename, indexname FROM pg_indexes WHERE indexdef LIKE '%USING gin (content_search)' ORDER BY 1""";
    private static final float[] QUERY = {1, 0, 0};

    private final String database = newDatabase();
    private final PgvectorSink english = withWords(spec(), "english");

    @Test
    void aRowWithTheWordIsFoundThatIsFarFromTheVector() {
        try (EmbeddingSink sink = prepared(english, LANGUAGES, database)) {
            fill(2_000);

            // when, then: the word stands in the row that is the farthest of all
            assertThat(keys(sink.search(QUERY, DistanceMetric.Cosine, List.of(), 10)))
                    .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
            assertThat(found(sink, "zebras")).hasSize(10).contains("2000", "1", "2");
            assertThat(found(sink, "\"striped zebra\"")).contains("2000");
            assertThat(found(sink, "\"zebra striped\"")).doesNotContain("2000");
            assertThat(found(sink, "zebra -striped")).doesNotContain("2000");
            assertThat(found(sink, "zebra or quagga")).contains("2000");
        }
    }

    @Test
    void aRowThatIsInBothListsComesFirst() {
        try (EmbeddingSink sink = prepared(english, LANGUAGES, database)) {
            fill(500);
            execute(database, "UPDATE vectors SET content = 'a zebra as well' WHERE id = 40");

            // the word is in two rows, and only one of them is near to the vector too
            assertThat(found(sink, "zebra").getFirst()).isEqualTo("40");
        }
    }

    @Test
    void eachConditionHoldsForBothLists() {
        try (EmbeddingSink sink = prepared(english, LANGUAGES, database)) {
            fill(500);
            execute(database, "UPDATE vectors SET content = 'a zebra as well' WHERE id IN (3, 4)");

            List<SearchHit> hits = sink.searchHybrid(
                    QUERY, "zebra", DistanceMetric.Cosine, List.of(SearchFilter.parse("lang=odd")), 5);

            assertThat(keys(hits)).hasSize(5).contains("3").doesNotContain("4", "500");
            assertThat(hits).allSatisfy(hit -> assertThat(hit.metadata()).containsEntry("lang", "odd"));
            assertThat(hits).allSatisfy(hit -> assertThat(hit.metadata()).doesNotContainKey("content_search"));
        }
    }

    @Test
    void textsThatNameNoWordLeaveTheNearestRows() {
        try (EmbeddingSink sink = prepared(english, LANGUAGES, database)) {
            fill(100);

            for (String text : List.of("", "the of", "'; DROP TABLE vectors; --", "\"", "unheard of", "(&|!")) {
                assertThat(found(sink, text)).as(text).startsWith("1", "2", "3").hasSize(10);
            }
        }
    }

    @Test
    void theIndexOverWordsIsBuiltOnceAfterTheLoad() {
        try (EmbeddingSink sink = prepared(english, ARTICLES, database)) {
            assertThat(query(database, WORD_INDEXES)).isEmpty();
            Run run = run(sink, 1);
            sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(window("1", numbered(1, 20, "rivers run")));
            complete(sink, run, 0);

            sink.finish(run, 0, _ -> {});

            assertThat(query(database, WORD_INDEXES)).containsExactly("vectors|vectors_content_search_gin");
            assertThat(query(database, "SELECT content_search::text FROM vectors WHERE id = 7"))
                    .containsExactly("'7':3 'river':1 'run':2");

            // when a build was cut off
            execute(
                    database,
                    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'vectors_content_search_gin'::regclass");
            Run next = sink.openRun(new RunRequest(JOB, 2, "specification", "recipe", false), () -> ranges(1));
            complete(sink, next, 0);
            sink.finish(next, 0, _ -> {});

            assertThat(
                            query(
                                    database,
                                    "SELECT indisvalid FROM pg_index WHERE indexrelid = 'vectors_content_search_gin'::regclass"))
                    .containsExactly("t");
        }
    }

    @Test
    void aTableWithoutTheColumnIsToldHowItGetsOne() {
        prepared(spec(), ARTICLES, database).close();

        assertThatThrownBy(() -> prepared(english, ARTICLES, database))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(
                        "column content_search is missing (ALTER TABLE \"public\".\"vectors\" ADD content_search"
                                + " tsvector GENERATED ALWAYS AS (to_tsvector('english'::regconfig, content)) STORED, which writes the"
                                + " table anew)");
        try (EmbeddingSink sink = open(english, database)) {
            assertThatThrownBy(() -> sink.checkSearch(List.of(), true))
                    .hasMessage(
                            "--hybrid looks for words too, and public.vectors has no column content_search: run the job"
                                    + " first, which says how it gets one");
        }

        // when a person does so
        execute(
                database,
                "ALTER TABLE vectors ADD content_search tsvector GENERATED ALWAYS AS"
                        + " (to_tsvector('english'::regconfig, content)) STORED");

        prepared(english, ARTICLES, database).close();
    }

    @Test
    void wordsThatWereFoundOtherwiseAreToldApart() {
        prepared(english, ARTICLES, database).close();

        assertThatThrownBy(() -> prepared(withWords(spec(), "german"), ARTICLES, database))
                .hasMessageContaining(
                        "column content_search is generated as to_tsvector('english'::regconfig, content), and"
                                + " spec.sink.pgvector.textSearch.config is german");
        // but a table that has the words may be filled by a manifest that does not ask for them
        prepared(spec(), ARTICLES, database).close();
    }

    @Test
    void aConfigurationThatTheServerDoesNotHaveIsNamedWithThoseThatItHas() {
        for (String unknown :
                List.of("klingon", "no_schema.english", "a.b.c.d", "it's", "two words", "\"half", "-", "4711")) {
            refuses(unknown);
        }
        // and where there is a table that has words
        prepared(english, ARTICLES, database).close();
        refuses("klingon");

        execute(database, "DROP TABLE vectors");
        execute(database, "CREATE TEXT SEARCH CONFIGURATION public.plain (COPY = simple)");
        prepared(withWords(spec(), "public.plain"), ARTICLES, database).close();
    }

    private void refuses(String unknown) {
        assertThatThrownBy(() -> prepared(withWords(spec(), unknown), ARTICLES, database))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(
                        "spec.sink.pgvector.textSearch.config is %s, which the server does not have: use one of arabic, armenian,"
                                .formatted(unknown));
    }

    @Test
    void aSourceThatHasTheNameOfTheColumnIsRefused() {
        SourceSchema schema =
                source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("content_search", ColumnType.TEXT));

        assertThatThrownBy(() -> prepared(english, schema, database))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("content_search cannot be copied under this name");
        prepared(spec(), schema, database).close();
    }

    @Test
    void aManifestWithoutWordsIsToldToNameThem() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            assertThatThrownBy(() -> sink.checkSearch(List.of(), true))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage(
                            "--hybrid looks for words too, and the manifest has no spec.sink.pgvector.textSearch: add it, such"
                                    + " as {config: english}, and run the job");
        }
    }

    @Test
    void theTableOfAnotherModelHasTheWordsToo() {
        // given a table without words
        PgvectorSink swap = swapping(OrphanPolicy.Keep, 1);
        embed(swap, new Recipe("None", "onnx model=aa prefix="), 1, "old rivers");

        // when another model comes, and the words with it
        embed(withWords(swap, "english"), new Recipe("None", "onnx model=bb prefix="), 2, "new rivers");

        // then
        assertThat(query(database, "SELECT content_search::text FROM public.vectors WHERE id = 7"))
                .containsExactly("'7':3 'new':1 'river':2");
        assertThat(query(database, WORD_INDEXES)).hasSize(1).allMatch(index -> index.startsWith("vectors|"));

        // and when a third one comes, its table is not filled beside an index over words
        embed(withWords(swap, "english"), new Recipe("None", "onnx model=cc prefix="), 3, "newest rivers");
        assertThat(query(database, "SELECT content_search::text FROM public.vectors WHERE id = 7"))
                .containsExactly("'7':3 'newest':1 'river':2");
        assertThat(query(database, WORD_INDEXES)).hasSize(2);
    }

    private void embed(PgvectorSink manifest, Recipe recipe, int number, String text) {
        try (EmbeddingSink sink = open(manifest, database)) {
            sink.prepare(JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, recipe);
            Run run = sink.openRun(new RunRequest(JOB, number, "specification", recipe.text(), false), () -> ranges(1));
            sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                    .commit(window("end", numbered(1, 20, text)));
            complete(sink, run, 0);
            assertThat(sink.finish(run, 0, _ -> {}).held()).isEmpty();
        }
    }

    /** Rows that are the farther the larger their key is; the last one alone is about zebras. */
    private void fill(int rows) {
        execute(database, """
                INSERT INTO vectors (id, chunk, content, embedding, lang, chunk_start, chunk_end, document_hash, embedded_at)
                SELECT i, 0, CASE WHEN i = %1$d THEN 'the striped zebra' ELSE 'rivers and houses' END,
                  format('[1,%%s,0]', i)::vector, CASE WHEN i %% 2 = 0 THEN 'even' ELSE 'odd' END, 0, 1, '', now()
                FROM generate_series(1, %1$d) i""".formatted(rows));
    }

    private static List<String> found(EmbeddingSink sink, String text) {
        return keys(sink.searchHybrid(QUERY, text, DistanceMetric.Cosine, List.of(), 10));
    }

    private static List<String> keys(List<SearchHit> hits) {
        return hits.stream().map(hit -> hit.key().toString()).toList();
    }
}
