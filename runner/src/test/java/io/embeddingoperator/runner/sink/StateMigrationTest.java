package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingPending.end;
import static io.embeddingoperator.runner.sink.TestingPending.results;
import static io.embeddingoperator.runner.sink.TestingPending.submitted;
import static io.embeddingoperator.runner.sink.TestingPending.waiting;
import static io.embeddingoperator.runner.sink.TestingPending.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.RECIPE;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.ranges;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.Position;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Databases that runners of an earlier version wrote. */
class StateMigrationTest {
    /** The revision to which this runner brings the tables. */
    private static final int NEWEST = 11;

    private static final String TABLES = """
            SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
            WHERE table_schema = 'embedding_operator' ORDER BY 1, 2""";

    private static final String INDEXES =
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'embedding_operator' ORDER BY 1";

    private final String database = newDatabase();
    private final String role = database.replaceFirst(".*/([^/?]*).*", "sharer_of_$1");

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
    void runOfTheVersionBeforeGoesOn() {
        // given: two shards, of which one is complete and the other was interrupted
        prepared(spec(), ARTICLES, database).close();
        execute(
                database,
                "DROP SCHEMA embedding_operator CASCADE",
                versionOne(),
                "INSERT INTO embedding_operator.runs (job, run, sink_table, specification)"
                        + " VALUES ('default/articles', 1, 'public.vectors', 'specification')",
                "INSERT INTO embedding_operator.shards"
                        + " (run_id, shard, definition, planned_work, epoch, windows, checkpoint, embedded, completed_at)"
                        + " VALUES (1, 0, 'range 0', 100, 5, 2, '20', 20, now()), (1, 1, 'range 1', 100, 7, 3, '17', 17, NULL)");

        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // when
            Run run = run(sink, 9);

            // then
            assertThat(run.resumed()).isTrue();
            assertThat(sink.take(run, 0)).isEmpty();
            ShardLease lease = sink.take(run, 1).orElseThrow();
            assertThat(lease.position()).contains(new Position("17"));
            WindowSink windows = sink.windows(run, lease, ARTICLES, Durability.EVERY_SHARD);
            windows.commit(TestingDocuments.window("18", embedded(18, "text")));
            PendingDocuments pending = sink.pending(run, lease, BatchMoney.FREE);
            pending.commit(window("19", waiting(19, "text")));
            BatchRecord batch = submitted(pending);
            pending.importVectors(batch.id(), results(1));
            end(pending, batch);
            windows.complete();
            sink.finish(run, 0, _ -> {});
            assertThat(sink.state(run).totals().embedded()).isEqualTo(39);
            assertThat(sink.state(run).complete()).isTrue();
        }
    }

    @Test
    void olderTablesBecomeWhatNewOnesAre() {
        String fresh = newDatabase();
        prepared(spec(), ARTICLES, fresh).close();
        execute(database, versionOne());

        prepared(spec(), ARTICLES, database).close();

        assertThat(query(database, TABLES)).isEqualTo(query(fresh, TABLES)).isNotEmpty();
        assertThat(query(database, INDEXES)).isEqualTo(query(fresh, INDEXES));
        assertThat(query(database, "SELECT version, revision FROM embedding_operator.version"))
                .as("the last release works with version 2, and steps since then only added something")
                .isEqualTo(query(fresh, "SELECT version, revision FROM embedding_operator.version"))
                .containsExactly("2|" + NEWEST);
    }

    @Test
    void runnerGoesOnWhenANewerOneHasAddedSomething() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 2);
            finish(sink, run, 0);
            // when
            execute(
                    database,
                    "UPDATE embedding_operator.version SET revision = %d".formatted(NEWEST + 1),
                    "CREATE TABLE embedding_operator.later (id int)",
                    "ALTER TABLE embedding_operator.runs ADD later text");

            // then, also in a process that begins now
            try (EmbeddingSink next = prepared(spec(), ARTICLES, database)) {
                assertThat(next.runsWithUnfinishedBatches("default/articles")).isEmpty();
                finish(next, run(next, 2), 1);
                assertThat(next.finish(run, 0, _ -> {}).held()).isEmpty();
                assertThat(next.state(run).complete()).isTrue();
            }
        }
        assertThat(query(database, "SELECT version, revision FROM embedding_operator.version"))
                .containsExactly("2|" + (NEWEST + 1));
    }

    @Test
    void runnerThatIsTooOldIsTriedAgainAndNamesTheOneThatIsNeeded() {
        prepared(spec(), ARTICLES, database).close();
        execute(
                database,
                "UPDATE embedding_operator.version SET version = %1$d, revision = %1$d".formatted(NEWEST + 1));

        refusedForNow(
                ("the schema embedding_operator needs a runner that knows its revision %d, and this one knows %d: use the newer"
                                + " runner; until then it is tried again")
                        .formatted(NEWEST + 1, NEWEST));
        execute(database, "DELETE FROM embedding_operator.version");
        refusedForNow(
                "the table embedding_operator.version is empty, so that nothing tells which runner may use its schema:"
                        + " bring its row back from a backup, or remove the schema, and with it where runs in progress are");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            UPDATE embedding_operator.version SET version = 0 | says version 0 and revision <newest>, which no runner writes
            UPDATE embedding_operator.version SET version = -3 | says version -3 and revision <newest>, which no runner writes
            UPDATE embedding_operator.version SET revision = -3 | says version 2 and revision -3, which no runner writes
            ALTER TABLE embedding_operator.version ALTER revision DROP NOT NULL; UPDATE embedding_operator.version SET revision = NULL | has something else than whole numbers
            ALTER TABLE embedding_operator.version ALTER revision TYPE text USING 'three' | has something else than whole numbers
            ALTER TABLE embedding_operator.version RENAME version TO edition | has something else than whole numbers
            INSERT INTO embedding_operator.version SELECT * FROM embedding_operator.version | has several rows
            ALTER TABLE embedding_operator.version ALTER version TYPE bigint; UPDATE embedding_operator.version SET version = 99999999999, revision = 2147483647 | says version 99999999999 and revision 2147483647
            ALTER TABLE embedding_operator.version ALTER version TYPE bigint, ALTER revision TYPE bigint; UPDATE embedding_operator.version SET version = 99999999999, revision = 99999999999 | needs a runner that knows its revision 99999999999
            """)
    void versionOfWhichThisRunnerCanMakeNothingFailsNoRun(String change, String sentence) {
        // given
        prepared(spec(), ARTICLES, database).close();
        execute(database, change);

        // when, then
        refusedForNow(message -> assertThat(message).contains(sentence.replace("<newest>", Integer.toString(NEWEST))));
    }

    @Test
    void revisionBehindTheTablesFailsNoRun() {
        // given
        prepared(spec(), ARTICLES, database).close();
        execute(database, "UPDATE embedding_operator.version SET revision = 2");

        // when, then
        try (EmbeddingSink sink = open(spec(), database)) {
            assertThatThrownBy(() -> sink.prepare(
                            TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("says revision 2, and the tables have what later ones bring");
        }
        assertThat(query(database, "SELECT version, revision FROM embedding_operator.version"))
                .containsExactly("2|2");
    }

    private void refusedForNow(String sentence) {
        refusedForNow(message -> assertThat(message).isEqualTo(sentence));
    }

    private void refusedForNow(Consumer<String> sentence) {
        try (EmbeddingSink sink = open(spec(), database)) {
            assertThatThrownBy(() -> sink.prepare(
                            TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE))
                    .isInstanceOfSatisfying(
                            UnavailableException.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.TRY_AGAIN))
                    .satisfies(failure -> sentence.accept(failure.getMessage()));
            assertThatThrownBy(() -> sink.runsWithUnfinishedBatches("default/articles"))
                    .as("batches that it cannot see are not taken for none")
                    .satisfies(failure -> sentence.accept(failure.getMessage()));
        }
    }

    private static void finish(EmbeddingSink sink, Run run, int shard) {
        WindowSink windows = sink.windows(run, sink.take(run, shard).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
        windows.commit(TestingDocuments.window(Integer.toString(shard), embedded(shard, "text")));
        windows.complete();
    }

    @Test
    void runOfTheVersionBeforeIsReplacedWithoutHarm() {
        execute(
                database,
                versionOne(),
                "INSERT INTO embedding_operator.runs (job, run, sink_table, specification)"
                        + " VALUES ('default/articles', 1, 'public.vectors', 'specification')");
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = sink.openRun(
                    new RunRequest("default/articles", 2, "specification", "recipe", false), () -> ranges(1));

            assertThat(sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE)
                            .batches())
                    .isEmpty();
            assertThat(query(database, "SELECT replaced_at IS NOT NULL FROM embedding_operator.runs ORDER BY run_id"))
                    .isEqualTo(List.of("t", "f"));
        }
    }

    @Test
    void roleThatSharesTheTablesOfAnotherOneIsToldWhoMustGoFirst() {
        // given a role that version 1 allowed to work
        execute(
                database,
                versionOne(),
                "CREATE TABLE vectors (id bigint, chunk int, content text, embedding vector(3), chunk_start int,"
                        + " chunk_end int, document_hash bytea, embedded_at timestamptz, PRIMARY KEY (id, chunk))",
                "CREATE ROLE %s LOGIN PASSWORD 'test'".formatted(role),
                ("GRANT USAGE ON SCHEMA embedding_operator TO %1$s; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN"
                                + " SCHEMA embedding_operator TO %1$s; GRANT SELECT, INSERT, DELETE ON vectors TO %1$s")
                        .formatted(role));
        String owner = query(database, "SELECT current_user").getFirst();
        try (EmbeddingSink sink = open(spec(), as(role))) {
            assertThatThrownBy(() -> sink.prepare(
                            TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessage(
                            ("the tables of schema embedding_operator are of revision 1, and the role %s may not bring them to"
                                            + " revision %d: run this runner once as their owner, %s, who then grants SELECT,"
                                            + " INSERT, UPDATE, DELETE on the new ones")
                                    .formatted(role, NEWEST, owner));

            // when the owner was here, and grants them
            prepared(spec(), ARTICLES, database).close();
            assertThatThrownBy(() -> sink.prepare(
                            TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE))
                    .hasMessageContaining("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA"
                            + " embedding_operator TO " + role);
            execute(
                    database,
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA embedding_operator TO " + role);
            sink.prepare(TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);

            // then everything can be done
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            PendingDocuments pending = sink.pending(run, lease, BatchMoney.FREE);
            pending.commit(window("1", waiting(1, "text")));
            BatchRecord batch = submitted(pending);
            pending.importVectors(batch.id(), results(1));
            end(pending, batch);
            sink.spending(run, 0, Optional.empty()).close();
            sink.windows(run, lease, ARTICLES, Durability.EVERY_WINDOW).complete();
            sink.finish(run, 0, _ -> {});
        }
        assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("1");
    }

    /** The database's URI for a role. */
    private String as(String name) {
        return database.replaceFirst("//[^@]*@", "//" + name + ":test@");
    }

    private static String versionOne() {
        try (InputStream file = StateMigrationTest.class.getResourceAsStream("state-version-1.sql")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
