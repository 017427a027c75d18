package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.CheckpointLostException;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.testing.TestingPostgres;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a crash of the server takes back, and that the sink never goes on as if nothing had happened. */
class DurabilityTest {
    @AutoClose
    private static TestingPostgres server;

    private final String database = server.newDatabase();

    @BeforeAll
    static void startServer() {
        server = TestingPostgres.startForgetful("fsync=off");
    }

    @Test
    void windowAfterLostOnesIsRefusedAndAllOfThemAreDoneAgain() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            WindowSink windows = windows(sink, run, Durability.EVERY_SHARD);
            windows.commit(window("10", numbered(1, 10, "text")));
            // Taking a shard waits for the disk, and takes along what was committed before.
            WindowSink later = windows(sink, run, Durability.EVERY_SHARD);
            server.withholdLog();
            later.commit(window("20", numbered(11, 20, "text")));
            assertThat(later.commit(window("30", numbered(21, 30, "text"))).embedded())
                    .isEqualTo(30);

            // when
            server.crash();

            // then
            Window<EmbeddedDocument> next = window("40", numbered(31, 40, "text"));
            assertThatThrownBy(() -> later.commit(next))
                    .isInstanceOf(CheckpointLostException.class)
                    .hasMessage(
                            "the sink's database crashed or was replaced by a standby, and kept 1 windows of shard 0"
                                    + " of the 3 that it had confirmed: what it lost is done again");
            assertThat(query(database, "SELECT count(*), max(id) FROM vectors")).containsExactly("10|10");

            ShardLease again = sink.take(run, 0).orElseThrow();
            assertThat(again.position()).contains(new Position("10"));
            assertThat(again.counters().embedded()).isEqualTo(10);
            WindowSink rest = sink.windows(run, again, ARTICLES, Durability.EVERY_SHARD);
            rest.commit(window("20", numbered(11, 20, "text")));
            rest.commit(window("30", numbered(21, 30, "text")));
            rest.commit(next);
            rest.complete();
            assertThat(query(database, "SELECT count(*), sum(id), count(DISTINCT id) FROM vectors"))
                    .containsExactly("40|820|40");
            assertThat(sink.state(run).totals().embedded()).isEqualTo(40);
        }
    }

    @Test
    void shardThatLostItsLastWindowsIsNotComplete() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            WindowSink windows = windows(sink, run, Durability.EVERY_SHARD);
            server.withholdLog();
            windows.commit(window("10", numbered(1, 10, "text")));

            // when
            server.crash();

            // then
            assertThatThrownBy(windows::complete).isInstanceOf(CheckpointLostException.class);
            assertThat(sink.state(run).allShardsComplete()).isFalse();
        }
    }

    @Test
    void completeShardKeepsAllOfItsWindows() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            WindowSink windows = windows(sink, run, Durability.EVERY_SHARD);
            server.withholdLog();
            windows.commit(window("10", numbered(1, 10, "text")));
            windows.complete();

            // when
            server.crash();

            // then
            assertThat(sink.state(run).allShardsComplete()).isTrue();
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("10");
        }
    }

    @Test
    void windowThatIsPaidForIsKept() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            WindowSink windows = windows(sink, run, Durability.EVERY_WINDOW);
            server.withholdLog();
            windows.commit(window("10", numbered(1, 10, "text")));

            // when
            server.crash();

            // then
            windows.commit(window("20", numbered(11, 20, "text")));
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("20");
        }
    }

    @Test
    void resultsThatWereLostArePendingAgainAndComeFromTheProviderOnceMore() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            PendingDocuments pending = sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
            pending.commit(TestingPending.window("10", TestingPending.numbered(1, 10)));
            BatchRecord batch =
                    pending.advance(TestingPending.submitted(pending).in(BatchState.Importing));
            server.withholdLog();
            pending.importVectors(batch.id(), TestingPending.results(10));

            // when
            server.crash();

            // then
            assertThatThrownBy(() -> pending.imported(batch.in(BatchState.Imported), TestingPending.NOTHING_LEFT))
                    .isInstanceOf(CheckpointLostException.class);
            PendingDocuments again = sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
            assertThat(again.batches()).containsExactly(batch);
            assertThat(again.importVectors(batch.id(), TestingPending.results(10))
                            .imported())
                    .isEqualTo(10);
            assertThat(sink.state(run).totals().embedded()).isEqualTo(10);
        }
    }

    @Test
    void batchThatIsOverKeepsAllOfItsResults() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            PendingDocuments pending = sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
            pending.commit(TestingPending.window("10", TestingPending.numbered(1, 10)));
            BatchRecord batch =
                    pending.advance(TestingPending.submitted(pending).in(BatchState.Importing));
            server.withholdLog();
            pending.importVectors(batch.id(), TestingPending.results(10));
            pending.imported(batch.in(BatchState.Done), TestingPending.NOTHING_LEFT);

            // when
            server.crash();

            // then
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("10");
            assertThat(pending.totals().documents()).isZero();
        }
    }

    @Test
    void ofTwoOwnersOneOfWhichAStandbyNeverHeardOfOneGoesOn() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given: a standby took over that knows neither of the owner nor of its window
            Run run = run(sink, 1);
            WindowSink forgotten = windows(sink, run, Durability.EVERY_SHARD);
            forgotten.commit(window("10", numbered(1, 10, "text")));
            execute(
                    database,
                    "UPDATE embedding_operator.shards SET epoch = 0, windows = 0, embedded = 0, checkpoint = NULL",
                    "TRUNCATE vectors");

            // when
            WindowSink other = windows(sink, run, Durability.EVERY_SHARD);

            other.commit(window("5", numbered(1, 5, "text")));

            // then: it does not take the other's window for its own
            assertThatThrownBy(() -> forgotten.commit(window("20", numbered(11, 20, "text"))))
                    .isInstanceOfAny(CheckpointLostException.class, ShardTakenOverException.class);
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("5");
        }
    }

    @Test
    void onlyWindowsThatCanBeDoneAgainCommitWithoutWaiting() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            noteHowWindowsCommit(database);

            commit(sink, Durability.EVERY_SHARD);
            commit(sink, Durability.EVERY_WINDOW);

            assertThat(query(database, "SELECT setting FROM noted")).containsExactly("off", "on");
        }
    }

    @Test
    void serverThatWaitsForStandbysDoesSoForEachWindow() {
        try (TestingPostgres waiting =
                TestingPostgres.start("fsync=off", "synchronous_standby_names=*", "synchronous_commit=local")) {
            String there = waiting.newDatabase();
            try (EmbeddingSink sink = prepared(spec(), ARTICLES, there)) {
                noteHowWindowsCommit(there);

                commit(sink, Durability.EVERY_SHARD);

                assertThat(query(there, "SELECT setting FROM noted")).containsExactly("local");
            }
        }
    }

    @Test
    void roleThatNeverWaitsForTheDiskWaitsForWhatMustBeKept() {
        execute(
                database,
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$");
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            noteHowWindowsCommit(database);

            commit(sink, Durability.EVERY_WINDOW);

            assertThat(query(database, "SELECT setting FROM noted")).containsExactly("on");
        }
    }

    private static WindowSink windows(EmbeddingSink sink, Run run, Durability durability) {
        return sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, durability);
    }

    private static void commit(EmbeddingSink sink, Durability durability) {
        windows(sink, run(sink, 1), durability).commit(window("1", numbered(1, 1, "text")));
    }

    private static void noteHowWindowsCommit(String database) {
        execute(
                database,
                "CREATE TABLE noted (setting text)",
                """
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  INSERT INTO noted VALUES (current_setting('synchronous_commit'));
                  RETURN NULL;
                END $$
                """,
                "CREATE TRIGGER note AFTER INSERT ON vectors EXECUTE FUNCTION note()");
    }
}
