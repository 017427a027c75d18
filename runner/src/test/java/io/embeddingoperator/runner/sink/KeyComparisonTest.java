package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.DIMENSIONS;
import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.RECIPE;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunEnding;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.postgres.PostgresSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that has not read all documents finds those that are gone by comparing the keys of both databases. */
class KeyComparisonTest {
    private static final int DOCUMENTS = 2_000;

    private final String database = newDatabase();

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            bigint                  @ i * 1000003
            integer                 @ -i
            smallint                @ i
            uuid                    @ md5(i::text)::uuid
            char(9)                 @ i::text
            text COLLATE "en-x-icu" @ CASE WHEN i % 3 = 0 THEN 'É' WHEN i % 3 = 1 THEN 'e ' ELSE 'E' END || i
            """)
    void exactlyWhatIsGoneIsRemovedWhateverTheKeysAre(String type, String key) {
        // given
        execute(
                database,
                "CREATE TABLE articles (id %s PRIMARY KEY, body text, changed timestamptz)".formatted(type),
                "INSERT INTO articles SELECT %s, 'text', '2020-01-01' FROM generate_series(1, %d) i"
                        .formatted(key, DOCUMENTS));
        try (PostgresSource source = source("keyColumn", List.of("id"))) {
            fill(source, "SELECT id::text FROM articles");

            // when
            execute(
                    database,
                    "CREATE TABLE gone AS SELECT id::text AS id FROM articles ORDER BY md5(id::text) LIMIT 37",
                    "DELETE FROM articles WHERE id::text IN (SELECT id FROM gone)");
            assertThat(finishRunOfChanges(source, 20)).isEqualTo(RunEnding.PLAIN);
        }

        // then
        assertThat(query(database, "SELECT id::text FROM vectors EXCEPT SELECT id::text FROM articles"))
                .isEmpty();
        assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("" + (DOCUMENTS - 37));
    }

    @Test
    void keysOfSeveralColumnsAreComparedAsTheTableHasThem() {
        execute(
                database,
                "CREATE TABLE articles (a text, b int, body text, changed timestamptz, PRIMARY KEY (a, b))",
                "INSERT INTO articles SELECT 'x/~' || i % 7, i, 'text', '2020-01-01' FROM generate_series(1, 300) i");
        try (PostgresSource source = source("keyColumns", List.of("a", "b"))) {
            fill(source, "SELECT replace(replace(a, '~', '~0'), '/', '~1') || '/' || b FROM articles");
            execute(database, "DELETE FROM articles WHERE b = 17");
            finishRunOfChanges(source, 20);
        }

        assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("299");
        assertThat(query(database, "SELECT count(*) FROM vectors WHERE document_key LIKE '%/17'"))
                .containsExactly("0");
    }

    @Test
    void rowsOfOthersStayAndSoDoAllWhereTooManyAreGone() {
        execute(
                database,
                "CREATE TABLE articles (id bigint PRIMARY KEY, body text, changed timestamptz)",
                "INSERT INTO articles SELECT i, 'text', '2020-01-01' FROM generate_series(1, 100) i");
        try (PostgresSource source = source("keyColumn", List.of("id"))) {
            fill(source, "SELECT id::text FROM articles");
            execute(
                    database,
                    "DELETE FROM articles WHERE id <= 30",
                    "UPDATE vectors SET embedded_by = 99 WHERE id = 1");

            assertThat(finishRunOfChanges(source, 20).held().orElseThrow())
                    .startsWith(
                            "29 of the 100 documents that this job had in public.vectors are gone from the source, 29 %");
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("100");

            assertThat(finishRunOfChanges(source, 50)).isEqualTo(RunEnding.PLAIN);
            assertThat(query(database, "SELECT id FROM vectors WHERE id <= 31 ORDER BY 1"))
                    .containsExactly("1", "31");
        }
    }

    private PostgresSource source(String field, List<String> key) {
        boolean single = field.equals("keyColumn");
        return PostgresSource.open(
                new io.embeddingoperator.api.v1alpha1.PostgresSource(
                        new SecretValue(new SecretKeyReference("wiki", "uri")),
                        "public.articles",
                        single ? key.getFirst() : null,
                        single ? List.of() : key,
                        List.of("body"),
                        null,
                        List.of(),
                        "changed"),
                ConnectionUri.parse("EMBEDDING_SOURCE_URI", database));
    }

    /** With a run that reads everything. */
    private void fill(PostgresSource source, String keys) {
        try (EmbeddingSink sink = prepared(source, 20)) {
            Run run = sink.openRun(request(1), known -> source.plan(1, known));
            List<EmbeddedDocument> documents = new ArrayList<>();
            for (String key : query(database, keys)) {
                documents.add(embedded(document(source.schema().keyType().parse(key), "text"), "text"));
            }
            WindowSink windows =
                    sink.windows(run, sink.take(run, 0).orElseThrow(), source.schema(), Durability.EVERY_SHARD);
            windows.commit(window("end", documents.toArray(EmbeddedDocument[]::new)));
            windows.complete();
            sink.finish(run, 0, source.keys(), _ -> {});
        }
    }

    private RunEnding finishRunOfChanges(PostgresSource source, int percent) {
        try (EmbeddingSink sink = prepared(source, percent)) {
            Run run = sink.openRun(request(2), known -> {
                SourcePlan plan = source.plan(1, known);
                assertThat(plan.reading()).isInstanceOf(SourcePlan.Changes.class);
                return plan;
            });
            WindowSink windows =
                    sink.windows(run, sink.take(run, 0).orElseThrow(), source.schema(), Durability.EVERY_SHARD);
            windows.complete();
            return sink.finish(run, 0, source.keys(), _ -> {});
        }
    }

    private EmbeddingSink prepared(PostgresSource source, int percent) {
        PgvectorSink spec = TestingSink.deleting(percent);
        EmbeddingSink sink = open(spec, database);
        sink.prepare(TestingSink.JOB, source.schema(), DIMENSIONS, DistanceMetric.Cosine, RECIPE);
        return sink;
    }

    private static RunRequest request(int number) {
        return new RunRequest(
                TestingSink.JOB,
                number,
                "specification",
                "recipe",
                false,
                Optional.empty(),
                Optional.of(new Reading(Reading.Of.ROWS, "reading")),
                OptionalInt.empty());
    }
}
