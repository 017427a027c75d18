package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.range;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.JOB;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.ranges;
import static io.embeddingoperator.runner.sink.TestingSink.swapping;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunEnding;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SwapTest {
    private static final int DOCUMENTS = 20;
    private static final Recipe OLD = new Recipe("None", "onnx model=aa prefix=");
    private static final Recipe NEW = new Recipe("None", "onnx model=bb prefix=");
    private static final String LIVE = "SELECT content FROM public.vectors ORDER BY id";
    private static final String MODELS_BEFORE = "SELECT DISTINCT left(content, 3) FROM public.vectors_before";

    private final String database = newDatabase();
    private final PgvectorSink swap = swapping(OrphanPolicy.Keep, 1);

    @BeforeEach
    void aTableWithTheVectorsOfAModel() {
        fill(swap, 1, OLD, DOCUMENTS, "old");
    }

    @Test
    void vectorsOfAnotherModelAreRefusedBesideThoseThatATableHolds() {
        assertThatThrownBy(() -> prepare(TestingSink.spec(), NEW, 3))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "The sink cannot be used, and nothing was written: public.vectors holds vectors of model=aa, and"
                                + " this manifest gives model=bb: one table with both would answer searches with wrong documents. Set"
                                + " spec.sink.pgvector.replacement to Swap, which fills a table beside it and exchanges the two at the end"
                                + " of the run; or name another table, or empty this one.");

        // but documents may be divided otherwise, and an empty table holds no vectors
        prepare(TestingSink.spec(), new Recipe("Recursive/256/0", OLD.embedding()), 3)
                .close();
        execute(database, "TRUNCATE public.vectors");
        prepare(TestingSink.spec(), NEW, 3).close();
    }

    @Test
    void aTableThatIsFilledByTheOtherModelMeanwhileIsRefusedWhenTheRunBegins() {
        execute(database, "CREATE TABLE kept AS SELECT * FROM public.vectors", "TRUNCATE public.vectors");
        try (EmbeddingSink sink = prepare(TestingSink.spec(), NEW, 3)) {
            // when a runner of the other model, which had been held up, writes
            execute(database, "INSERT INTO public.vectors SELECT * FROM kept");

            assertThatThrownBy(() -> sink.openRun(request(2, NEW), () -> ranges(1)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageStartingWith("public.vectors holds vectors of model=aa");
        }
    }

    @Test
    void searchesFindOneModelUntilTheOtherOneIsCompleteAndThenThatOne() {
        try (EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run run = embed(sink, 2, NEW, DOCUMENTS, "new");
            assertThat(query(database, LIVE)).hasSize(DOCUMENTS).allMatch(content -> content.startsWith("old"));

            RunEnding ending = sink.finish(run, 0, _ -> {});

            assertThat(ending)
                    .isEqualTo(new RunEnding(
                            Optional.empty(),
                            Optional.of(
                                    "public.vectors has the vectors of this model now, and public.vectors_before those of"
                                            + " the one before"),
                            ending.recall()));
            assertThat(ending.recall())
                    .hasValueSatisfying(
                            recall -> assertThat(recall.usual().share()).isPositive());
            assertThat(sink.finish(run, 0, _ -> {})).as("what other pods hear").isEqualTo(ending);
            assertThat(sink.state(run).complete()).isTrue();
            assertThat(sink.recipe()).contains(NEW.text());
        }
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS).allMatch(content -> content.startsWith("new"));
        assertThat(query(database, MODELS_BEFORE)).containsExactly("old");
        assertThat(query(database, "SELECT indexname FROM pg_indexes WHERE tablename = 'vectors' ORDER BY 1"))
                .containsExactly("vectors_pkey", "vectors_vector_cosine_hnsw");

        // and a process that begins once more finds the run at its end
        try (EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run same = sink.openRun(asAPod(2, NEW), () -> ranges(1));
            assertThat(sink.state(same).complete()).isTrue();
            assertThat(sink.take(same, 0)).isEmpty();
        }
    }

    @Test
    void aModelOfOtherDimensionsGetsATableOfItsOwnToo() {
        try (EmbeddingSink sink = prepare(swap, NEW, 5)) {
            assertThat(sink.openRun(request(2, NEW), () -> ranges(1)).resumed()).isFalse();
        }

        assertThat(query(
                        database,
                        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                                + " WHERE attrelid = 'public.vectors_next'::regclass AND attname = 'embedding'"))
                .containsExactly("vector(5)");
    }

    @Test
    void goingBackTakesTheTableThatWasKept() {
        fill(swap, 2, NEW, DOCUMENTS, "new");

        try (EmbeddingSink sink = prepare(swap, OLD, 3)) {
            Run run = sink.openRun(request(3, OLD), () -> ranges(1));
            WindowSink windows = windows(sink, run);

            assertThat(windows.stored(List.of(new Key.Number(7))).hashes())
                    .as("what is not embedded again")
                    .hasSize(1);
            windows.complete();
            sink.finish(run, 0, _ -> {});
        }
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS).allMatch(content -> content.startsWith("old"));
        assertThat(query(database, MODELS_BEFORE)).containsExactly("new");
    }

    @Test
    void whatHangsOnTheTableFollows() {
        execute(
                database,
                "COMMENT ON TABLE public.vectors IS 'of the ''wiki'''",
                "COMMENT ON COLUMN public.vectors.content IS 'the text'",
                "ALTER TABLE public.vectors REPLICA IDENTITY FULL",
                "ALTER TABLE public.vectors ADD words tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED",
                "CREATE INDEX vectors_words ON public.vectors USING gin (words)",
                "GRANT SELECT ON public.vectors TO PUBLIC",
                "GRANT UPDATE (content) ON public.vectors TO pg_monitor",
                "CREATE VIEW public.found WITH (security_barrier = true) AS"
                        + " SELECT id, content FROM public.vectors WHERE chunk = 0",
                "GRANT SELECT ON public.found TO pg_monitor",
                "CREATE VIEW public.counted AS SELECT count(*) AS documents FROM public.found");

        fill(swap, 2, NEW, DOCUMENTS, "new");

        assertThat(query(database, "SELECT DISTINCT left(content, 3) FROM public.found"))
                .containsExactly("new");
        assertThat(query(database, "SELECT documents FROM public.counted")).containsExactly("20");
        assertThat(query(database, described("public.vectors")))
                .isEqualTo(query(database, described("public.vectors_before")))
                .singleElement()
                .asString()
                .startsWith("of the 'wiki'|the text|f|{toast_tuple_target=8160}|");
        assertThat(query(
                        database,
                        "SELECT attacl::text LIKE '%pg_monitor=w/%' FROM pg_attribute"
                                + " WHERE attrelid = 'public.vectors'::regclass AND attname = 'content'"))
                .containsExactly("t");
        assertThat(query(
                        database,
                        "SELECT reloptions::text, relacl::text LIKE '%pg_monitor=r%' FROM pg_class"
                                + " WHERE oid = 'public.found'::regclass"))
                .containsExactly("{security_barrier=true}|t");
        assertThat(query(database, "SELECT count(*) FROM public.vectors WHERE words @@ to_tsquery('english', 'new')"))
                .containsExactly("20");
        assertThat(query(
                        database,
                        "SELECT count(*) FROM pg_indexes WHERE tablename = 'vectors' AND indexdef LIKE '%gin%'"))
                .containsExactly("1");
    }

    private static String described(String table) {
        return ("SELECT obj_description(oid), col_description(oid, 3), relreplident, reloptions::text, relacl::text"
                        + " FROM pg_class WHERE oid = '%s'::regclass")
                .formatted(table);
    }

    @Test
    void whatCannotFollowIsNamedBeforeAnythingIsMade() {
        execute(
                database,
                "CREATE TABLE public.notes (id bigint, chunk int, FOREIGN KEY (id, chunk) REFERENCES public.vectors)",
                "CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER counted BEFORE INSERT ON public.vectors FOR EACH ROW EXECUTE FUNCTION public.nothing()",
                "CREATE MATERIALIZED VIEW public.frozen AS SELECT id FROM public.vectors",
                "ALTER TABLE public.vectors ADD stars int DEFAULT 0",
                "CREATE TABLE public.vectors_next (mine int)");

        assertThatThrownBy(() -> prepare(swap, NEW, 3))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("the trigger counted")
                .hasMessageContaining("the foreign key notes_id_chunk_fkey of notes")
                .hasMessageContaining("the materialized view frozen")
                .hasMessageContaining("the column stars, which the runner does not fill")
                .hasMessageContaining("needs the name public.vectors_next, and a table that no runner made has it");

        assertThat(query(database, "SELECT count(*) FROM public.vectors_next")).containsExactly("0");
    }

    @Test
    void anExchangeThatTheServerRefusesIsToldBeforeAnythingIsEmbedded() {
        execute(database, "CREATE VIEW public.whole AS SELECT embedding FROM public.vectors");

        assertThatThrownBy(() -> prepare(swap, NEW, 5))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("the server refuses to exchange public.vectors and public.vectors_next")
                .hasMessageContaining("cannot change data type of view column");
        assertThat(query(database, "SELECT to_regclass('public.vectors_next') IS NULL"))
                .containsExactly("t");
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS);
    }

    @Test
    void aServerThatGivesTheTrialUpForAnothersSakeIsAskedAgain() {
        execute(
                database,
                """
                CREATE FUNCTION public.deadlock() RETURNS event_trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF current_query() LIKE '%RENAME%' THEN
                    RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
                  END IF;
                END $$
                """,
                "CREATE EVENT TRIGGER deadlocks ON ddl_command_start EXECUTE FUNCTION public.deadlock()");

        try (EmbeddingSink sink =
                EmbeddingSink.open(swap, ConnectionUri.parse("EMBEDDING_SINK_URI", database), Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> sink.prepare(JOB, ARTICLES, 3, DistanceMetric.Cosine, NEW))
                    .isInstanceOf(UnavailableException.class);
        }
        execute(database, "DROP EVENT TRIGGER deadlocks");
        prepare(swap, NEW, 3).close();
    }

    @Test
    void documentsThatTheSourceDoesNotHaveAnyMoreAreNotLostWithTheTable() {
        try (EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run run = embed(sink, 2, NEW, DOCUMENTS - 1, "new");

            RunEnding ending = sink.finish(run, 0, _ -> {});

            assertThat(ending.held())
                    .contains(
                            "the document 20 of public.vectors is not in the source any more, and"
                                    + " spec.sink.pgvector.orphans is Keep: it was not exchanged, for public.vectors_next cannot have"
                                    + " what the source lacks. If that may go, set orphans to Delete and change spec.runNonce; nothing is embedded again");
            assertThat(sink.state(run).complete()).isFalse();
        }
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS).allMatch(content -> content.startsWith("old"));

        fill(swapping(OrphanPolicy.Delete, 0), 3, NEW, DOCUMENTS - 1, "new");
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS - 1).allMatch(content -> content.startsWith("new"));
        assertThat(query(database, "SELECT to_regclass('public.vectors_before') IS NULL"))
                .as("none is kept")
                .containsExactly("t");
    }

    @Test
    void moreDocumentsThanMayBeRemovedAreNotLostEither() {
        try (EmbeddingSink sink = prepare(swapping(OrphanPolicy.Delete, 1), NEW, 3)) {
            Run run = embed(sink, 2, NEW, 15, "new");

            assertThat(sink.finish(run, 0, _ -> {}).held())
                    .hasValueSatisfying(sentence -> assertThat(sentence)
                            .startsWith("5 of the 20 documents that this job had in public.vectors are gone"));
        }
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS);
    }

    @Test
    void aRunWithTooManyFailuresLeavesTheTableAsItIs() {
        assertThat(endWithAFailure(2, 0))
                .startsWith("public.vectors is as it was: the new vectors are in public.vectors_next");
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS);

        assertThat(endWithAFailure(3, 1)).startsWith("public.vectors has the vectors of this model now");
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS - 1);
    }

    private String endWithAFailure(int number, int allowed) {
        try (EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run run = sink.openRun(request(number, NEW), () -> ranges(1));
            WindowSink windows = windows(sink, run);
            windows.commit(window(
                    "20",
                    range(0, DOCUMENTS),
                    List.of(FailedDocument.empty("20", "articles id=20", "empty text")),
                    numbered(1, DOCUMENTS - 1, "new")));
            windows.complete();
            return sink.finish(run, allowed, _ -> {}).note().orElseThrow();
        }
    }

    @Test
    void rowsOfOtherProgramsAreNotLostWithTheTable() {
        execute(database, "INSERT INTO public.vectors SELECT 77, 0, 'mine', '[1,2,3]', 0, 1, '', now(), NULL");

        assertThatThrownBy(() -> prepare(swap, NEW, 3))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("public.vectors holds a row that this job did not write");
    }

    @Test
    void aRunnerOfTheOtherModelCanWriteNoMoreAfterTheExchange() {
        try (EmbeddingSink before = prepare(swap, OLD, 3);
                EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run unfinished = before.openRun(request(2, OLD), () -> ranges(1));
            WindowSink late = windows(before, unfinished);
            late.commit(window("5", numbered(1, 5, "old")));

            sink.finish(embed(sink, 3, NEW, DOCUMENTS, "new"), 0, _ -> {});

            assertThatThrownBy(() -> late.commit(window("9", numbered(6, 9, "old"))))
                    .isInstanceOf(ShardTakenOverException.class);
        }
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS).allMatch(content -> content.startsWith("new"));
    }

    @Test
    void aRunnerThatBeganBeforeTheExchangeIsTriedAgain() {
        try (EmbeddingSink late = prepare(swap, NEW, 3);
                EmbeddingSink sink = prepare(swap, NEW, 3)) {
            sink.finish(embed(sink, 2, NEW, DOCUMENTS, "new"), 0, _ -> {});

            assertThatThrownBy(() -> late.openRun(asAPod(2, NEW), () -> ranges(1)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("took another one's place");
        }
        assertThat(query(database, "SELECT count(*) FROM embedding_operator.runs"))
                .containsExactly("2");
    }

    @Test
    void aPodWhoseModelChangedOnItsServerIsNotTakenForAChangeOfTheModel() {
        try (EmbeddingSink first = prepare(swap, OLD, 3);
                EmbeddingSink second = open(swap, database)) {
            first.openRun(asAPod(2, OLD), () -> ranges(2));

            assertThatThrownBy(() -> second.checkFiles(asAPod(2, NEW)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("began with other files of its model");
            second.checkFiles(asAPod(2, OLD));
            second.checkFiles(asAPod(3, NEW));
            second.checkFiles(request(2, NEW));
        }
    }

    @Test
    void aThirdModelReplacesAnUnfinishedSecondOne() {
        Recipe third = new Recipe("None", "onnx model=cc prefix=");
        try (EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run run = sink.openRun(request(2, NEW), () -> ranges(1));
            WindowSink late = windows(sink, run);
            late.commit(window("5", numbered(1, 5, "new")));

            try (EmbeddingSink other = prepare(swap, third, 3)) {
                assertThatThrownBy(() -> late.commit(window("9", numbered(6, 9, "new"))))
                        .isInstanceOf(RunnerException.class);
                other.finish(embed(other, 3, third, DOCUMENTS, "third"), 0, _ -> {});
            }
        }
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS).allMatch(content -> content.startsWith("third"));
    }

    @Test
    void aNextTableThatAPersonDroppedIsFilledFromTheBeginning() {
        try (EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run run = sink.openRun(asAPod(2, NEW), () -> ranges(1));
            windows(sink, run).commit(window("15", numbered(1, 15, "new")));
        }
        execute(database, "DROP TABLE public.vectors_next");

        try (EmbeddingSink sink = prepare(swap, NEW, 3)) {
            Run run = sink.openRun(asAPod(2, NEW), () -> ranges(1));
            assertThat(sink.take(run, 0).orElseThrow().position()).isEmpty();
            WindowSink windows = windows(sink, run);
            windows.commit(window("20", numbered(1, DOCUMENTS, "new")));
            windows.complete();
            assertThat(sink.finish(run, 0, _ -> {}).held()).isEmpty();
        }
        assertThat(query(database, LIVE)).hasSize(DOCUMENTS).allMatch(content -> content.startsWith("new"));
    }

    @Test
    void anExchangeWaitsForASessionThatReadsAndEverySearchFindsOneModel() throws Exception {
        try (EmbeddingSink sink = prepare(swap, NEW, 3);
                Connection dump = TestingPostgres.connect(database);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Run run = embed(sink, 2, NEW, DOCUMENTS, "new");
            dump.setAutoCommit(false);
            try (Statement statement = dump.createStatement()) {
                statement.execute("SELECT count(*) FROM public.vectors");
            }
            AtomicBoolean over = new AtomicBoolean();
            Future<Integer> searches = threads.submit(() -> search(over));

            // when
            Future<RunEnding> end = threads.submit(() -> sink.finish(run, 0, _ -> {}));
            TimeUnit.SECONDS.sleep(3);
            assertThat(end).isNotDone();
            dump.rollback();

            // then
            assertThat(end.get(30, TimeUnit.SECONDS).held()).isEmpty();
            over.set(true);
            assertThat(searches.get()).isPositive();
        }
    }

    /** Fails where one statement sees rows of two models, or not all. */
    private int search(AtomicBoolean over) throws SQLException {
        int searches = 0;
        try (Connection connection = TestingPostgres.connect(database);
                Statement statement = connection.createStatement()) {
            while (!over.get()) {
                try (ResultSet row = statement.executeQuery(
                        "SELECT count(*), count(DISTINCT left(content, 3)) FROM public.vectors")) {
                    row.next();
                    assertThat(row.getInt(1)).isEqualTo(DOCUMENTS);
                    assertThat(row.getInt(2)).isOne();
                }
                searches++;
            }
        }
        return searches;
    }

    private EmbeddingSink prepare(PgvectorSink spec, Recipe recipe, int dimensions) {
        EmbeddingSink sink = open(spec, database);
        try {
            sink.prepare(JOB, ARTICLES, dimensions, DistanceMetric.Cosine, recipe);
            return sink;
        } catch (RuntimeException e) {
            sink.close();
            throw e;
        }
    }

    private void fill(PgvectorSink spec, int number, Recipe recipe, int documents, String text) {
        try (EmbeddingSink sink = prepare(spec, recipe, 3)) {
            Run run = embed(sink, number, recipe, documents, text);
            assertThat(sink.finish(run, 0, _ -> {}).held()).isEmpty();
        }
    }

    private static Run embed(EmbeddingSink sink, int number, Recipe recipe, int documents, String text) {
        Run run = sink.openRun(request(number, recipe), () -> ranges(1));
        WindowSink windows = windows(sink, run);
        windows.commit(window("end", numbered(1, documents, text)));
        windows.complete();
        return run;
    }

    private static RunRequest request(int number, Recipe recipe) {
        return new RunRequest(JOB, number, "specification", recipe.text(), false);
    }

    private static RunRequest asAPod(int number, Recipe recipe) {
        return new RunRequest(JOB, number, "specification", recipe.text(), true);
    }

    private static WindowSink windows(EmbeddingSink sink, Run run) {
        return sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
    }
}
