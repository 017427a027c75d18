package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.complete;
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

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.runner.failure.RunLostException;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.RunTotals;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RunsTest {
    private final String database = newDatabase();

    @Test
    void processesThatStartTogetherPlanOnce() throws Exception {
        AtomicInteger plans = new AtomicInteger();
        List<Future<Run>> runs = new ArrayList<>();
        try (ExecutorService processes = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                runs.add(processes.submit(() -> {
                    try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
                        return sink.openRun(TestingSink.request(), () -> {
                            plans.incrementAndGet();
                            return ranges(4);
                        });
                    }
                }));
            }
        }

        assertThat(plans).hasValue(1);
        for (Future<Run> run : runs) {
            assertThat(run.get()).isEqualTo(runs.getFirst().get());
            assertThat(run.get().shards()).isEqualTo(ranges(4));
        }
    }

    @Test
    void unfinishedRunGoesOnFromItsCheckpoints() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 2);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            sink.windows(run, lease, ARTICLES, Durability.EVERY_SHARD).commit(window("17", embedded(17, "text")));
            complete(sink, run, 1);

            Run again = run(sink, 5);

            assertThat(again).isEqualTo(new Run(run.id(), run.startedAt(), run.job(), run.run(), run.shards(), true));
            assertThat(run.resumed()).isFalse();
            ShardLease taken = sink.take(again, 0).orElseThrow();
            assertThat(taken.position()).contains(new Position("17"));
            assertThat(taken.epoch()).isGreaterThan(lease.epoch());
            assertThat(taken.counters().embedded()).isEqualTo(1);
            assertThat(sink.take(again, 1)).as("a complete shard").isEmpty();
            assertThat(sink.take(again, 2)).as("a shard beyond the plan").isEmpty();
        }
    }

    @Test
    void aRunThatAStandbyNeverHeardOfIsToBePlannedAnew() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run lost = run(sink, 2);
            ShardLease lease = sink.take(lost, 0).orElseThrow();
            WindowSink windows = sink.windows(lost, lease, ARTICLES, Durability.EVERY_SHARD);

            execute(database, "DELETE FROM embedding_operator.runs");

            List<ThrowingCallable> work = List.of(
                    () -> sink.state(lost),
                    () -> windows.commit(window("17", embedded(17, "text"))),
                    windows::complete);
            assertThat(work)
                    .allSatisfy(step -> assertThatThrownBy(step)
                            .isInstanceOfSatisfying(
                                    RunLostException.class,
                                    e -> assertThat(e.exitCode()).isEqualTo(ExitCode.TRY_AGAIN)));
            assertThat(run(sink, 3).shards()).isEqualTo(ranges(3));
        }
    }

    @Test
    void anotherRunThatGotTheIdOfALostOneIsNotTakenForIt() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run lost = run(sink, 2);
            execute(database, "UPDATE embedding_operator.runs SET started_at = started_at + interval '1 s'");

            assertThat(sink.take(lost, 0)).isEmpty();
            assertThatThrownBy(() -> sink.state(lost)).isInstanceOf(RunLostException.class);
            assertThatThrownBy(() -> sink.finish(lost, 0, _ -> {})).isInstanceOf(RunLostException.class);
        }
    }

    @Test
    void whatIsGoneWhileARunWorksIsMadeAnewByTheNextTry() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 2);
            execute(database, "DROP SCHEMA embedding_operator CASCADE");

            assertThatThrownBy(() -> sink.take(run, 0))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("run again, and it is made anew");
        }
    }

    @Test
    void anOpenRunWhoseTableIsGoneBeginsWithItsFirstDocument() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 2);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            sink.windows(run, lease, ARTICLES, Durability.EVERY_SHARD).commit(window("17", embedded(17, "text")));
            complete(sink, run, 1);
        }
        execute(database, "DROP TABLE vectors");

        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run again = run(sink, 2);

            for (int shard : List.of(0, 1)) {
                ShardLease taken = sink.take(again, shard).orElseThrow();
                assertThat(taken.position()).isEmpty();
                assertThat(taken.counters()).isEqualTo(Counts.ZERO);
            }
        }
    }

    @Test
    void aMarkAloneDoesNotMakeARunComplete() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 2);
            complete(sink, run, 0);
            execute(database, "UPDATE embedding_operator.runs SET completed_at = now()");

            assertThat(sink.state(run).complete()).isFalse();
            complete(sink, run, 1);
            assertThat(sink.state(run).complete()).isTrue();
        }
    }

    @Test
    void theSumOfTheOtherShardsCountsThoseOfEveryOwner() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 3);
            for (int shard : List.of(0, 0, 2)) {
                sink.windows(run, sink.take(run, shard).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                        .commit(window("1" + shard, embedded(10 + shard, "text")));
            }
            complete(sink, run, 0);

            RunTotals others = sink.totalsWithout(run, 2);

            assertThat(others.counters().embedded()).isEqualTo(2);
            assertThat(others.counters().chunks()).isEqualTo(2);
            assertThat(others.completeShards()).isEqualTo(1);
            assertThat(others).isEqualTo(sink.state(run).totals(shard -> shard != 2));
            assertThat(sink.totalsWithout(run(sink, 3), 0).counters().embedded())
                    .isEqualTo(1);
        }
    }

    @Test
    void anotherSpecificationStartsANewPassAndShutsTheOldOneOut() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run old = run(sink, 1);
            WindowSink former = sink.windows(old, sink.take(old, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);

            Run fresh =
                    sink.openRun(new RunRequest("default/articles", 1, "changed", "recipe", false), () -> ranges(1));

            assertThat(fresh.id()).isNotEqualTo(old.id());
            assertThatThrownBy(() -> former.commit(window("1", embedded(1, "one"))))
                    .isInstanceOf(ShardTakenOverException.class);
            assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("0");
        }
    }

    @Test
    void oneProcessOfManyRefusesAnotherSpecification() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            run(sink, 1);

            assertThatThrownBy(() -> sink.openRun(
                            new RunRequest("default/articles", 1, "changed", "recipe", true), () -> ranges(1)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage(
                            "Run 1 of default/articles was started with another source, chunking, embedder, sink, number"
                                    + " of shards or runNonce: change spec.runNonce to start a new run with these.");
        }
    }

    @Test
    void finishedRunIsReturnedToOneOfManyAndRepeatedForAPerson() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            complete(sink, run, 0);
            sink.finish(run, 0, _ -> {});

            Run same = sink.openRun(
                    new RunRequest("default/articles", 1, "specification", "recipe", true), () -> ranges(1));
            Run pass = run(sink, 1);

            assertThat(same.id()).isEqualTo(run.id());
            assertThat(sink.take(same, 0)).isEmpty();
            assertThat(sink.state(same).complete()).isTrue();
            assertThat(pass.id()).isNotEqualTo(run.id());
            assertThat(sink.take(pass, 0)).isPresent();
        }
    }

    @Test
    void nextRunOfAJobReplacesTheUnfinishedOne() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            run(sink, 1);
            sink.openRun(new RunRequest("default/articles", 2, "specification", "recipe", true), () -> ranges(1));

            assertThatThrownBy(() -> sink.openRun(
                            new RunRequest("default/articles", 1, "specification", "recipe", true), () -> ranges(1)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage("Run 1 of default/articles was replaced by a newer run into the same table: change"
                            + " spec.runNonce to start another one.");
        }
    }

    @Test
    void nothingHappensBeforeTheSinkIsPrepared() {
        try (EmbeddingSink sink = open(spec(), database)) {
            assertThatThrownBy(() -> run(sink, 1)).hasMessage("prepare() comes first");
        }
        assertThat(query(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'embedding_operator'"))
                .isEmpty();
    }

    @Test
    void aRunKeepsToTheCommitOfItsModelThatWasNotedFirst() {
        String job = TestingSink.request().job();
        try (EmbeddingSink first = open(spec(), database)) {
            assertThat(first.modelCommit(job, 1, "specification", true))
                    .as("before there is a table")
                    .isEmpty();
        }
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            RunRequest first = new RunRequest(
                    job, 1, "specification", "recipe", true, Optional.of("a1"), Optional.empty(), OptionalInt.empty());
            RunRequest later = new RunRequest(
                    job,
                    1,
                    "specification",
                    "other files",
                    true,
                    Optional.of("b2"),
                    Optional.empty(),
                    OptionalInt.empty());
            Run run = sink.openRun(first, () -> ranges(1));

            // when, then
            assertThat(sink.openRun(first, () -> ranges(1)).id()).isEqualTo(run.id());
            assertThatThrownBy(() -> sink.openRun(later, () -> ranges(1)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessage(
                            "the model's branch moved while run 1 of default/articles began: it is tried again with commit"
                                    + " a1, which the run's other processes have");
            assertThat(sink.modelCommit(job, 1, "specification", false)).contains("a1");
            assertThat(sink.modelCommit(job, 1, "specification", true)).contains("a1");
            assertThat(sink.modelCommit(job, 1, "changed", false)).isEmpty();
            assertThat(sink.modelCommit(job, 2, "specification", true)).isEmpty();
            assertThat(sink.modelCommit("default/articles")).contains("a1");

            // when the run is over, then a pod keeps to it, and a process that starts over does not
            complete(sink, run, 0);
            sink.finish(run, 0, _ -> {});
            assertThat(sink.modelCommit(job, 1, "specification", true)).contains("a1");
            assertThat(sink.modelCommit(job, 1, "specification", false)).isEmpty();
            assertThat(sink.modelCommit("default/articles")).contains("a1");
        }
    }

    @Test
    void aPodReadsThePlanOfItsOwnShardAlone() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            RunRequest pod = new RunRequest(
                    "default/articles",
                    1,
                    "specification",
                    "recipe",
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    OptionalInt.of(1));
            List<ShardRange> planned = ranges(3);

            for (Run run : List.of(sink.openRun(pod, () -> planned), sink.openRun(pod, () -> planned))) {
                assertThat(run.shards())
                        .containsExactly(
                                planned.get(0).withoutDefinition(),
                                planned.get(1),
                                planned.get(2).withoutDefinition());
            }
        }
    }

    @Test
    void aRunGoesOnWithNoOtherModelThanItBeganWith() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 2);
            RunRequest pod = new RunRequest("default/articles", 1, "specification", "other files", true);
            RunRequest person = new RunRequest("default/articles", 1, "specification", "other files", false);

            // when, then
            assertThatThrownBy(() -> sink.openRun(pod, () -> ranges(2)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage(
                            "Run 1 of default/articles began with other files of its model, which have changed since on"
                                    + " their server or volume: put those back, or change spec.runNonce to start a new run with these.");
            assertThat(sink.openRun(person, () -> ranges(2)).id())
                    .as("a new pass, which embeds with these files what was embedded with the others")
                    .isNotEqualTo(run.id());
        }
    }
}
