package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingPending.NOTHING_LEFT;
import static io.embeddingoperator.runner.sink.TestingPending.PLENTY;
import static io.embeddingoperator.runner.sink.TestingPending.numbered;
import static io.embeddingoperator.runner.sink.TestingPending.oversize;
import static io.embeddingoperator.runner.sink.TestingPending.results;
import static io.embeddingoperator.runner.sink.TestingPending.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.RECIPE;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.failure.CheckpointLostException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Changes whose answers are lost, and servers that crash between them. */
class PendingOutageTest {
    @Test
    void changesWhoseAnswersWereLostTakeEffectOnceAndTellTheSame() throws IOException {
        String database = TestingSink.newDatabase();
        try (EmbeddingSink direct = prepared(spec(), ARTICLES, database);
                ReplyLosingProxy proxy = ReplyLosingProxy.before(database);
                EmbeddingSink sink = open(spec(), proxy.uri(database))) {
            Run run = run(direct, 1);
            sink.prepare(TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
            ShardLease lease = direct.take(run, 0).orElseThrow();
            PendingDocuments pending = sink.pending(run, lease, BatchMoney.FREE);

            proxy.arm();
            assertThat(pending.commit(window("5", numbered(1, 5))).work()).isEqualTo(5);
            proxy.arm();
            BatchRecord packed = pending.assign(PLENTY).orElseThrow();
            assertThat(pending.batches()).containsExactly(packed);
            proxy.arm();
            BatchRecord uploading = pending.advance(packed.in(BatchState.Uploading));
            assertThat(pending.batches()).containsExactly(uploading);
            proxy.arm();
            ImportOutcome outcome = pending.importVectors(packed.id(), results(4));
            assertThat(outcome)
                    .isEqualTo(new ImportOutcome(new Counts(5, 4, 0, 0, 4, 12, 0, 0, 0), 4, 0, 0, List.of()));
            proxy.arm();
            pending.imported(uploading.in(BatchState.Done), NOTHING_LEFT);
            pending.commit(window("6", oversize(6, "1006")));
            proxy.arm();
            assertThat(pending.importEmbedded(List.of(embedded(5, "1005"), embedded(6, "1006")), List.of())
                            .imported())
                    .isEqualTo(2);
            sink.windows(run, lease, ARTICLES, Durability.EVERY_WINDOW).complete();

            assertThat(proxy.lostReplies()).isEqualTo(6);
            assertThat(direct.state(run).totals()).isEqualTo(new Counts(6, 6, 0, 0, 6, 18, 0, 0, 0));
            assertThat(query(database, "SELECT count(*), sum(id) FROM vectors")).containsExactly("6|21");
        }
    }

    @Test
    void changeThatWasGivenUpIsNotTakenForTheNextOne() {
        TestingPostgres server = TestingPostgres.start("fsync=off");
        String database = server.newDatabase();
        try (server;
                EmbeddingSink preparing = prepared(spec(), ARTICLES, database);
                EmbeddingSink sink = EmbeddingSink.open(
                        spec(), ConnectionUri.parse(TestingSink.VARIABLE, database), Duration.ofMillis(100))) {
            // given
            sink.prepare(TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
            Run run = run(preparing, 1);
            PendingDocuments pending = sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
            pending.commit(window("5", numbered(1, 5)));
            server.kill();
            assertThatThrownBy(() -> pending.assign(PLENTY)).isInstanceOf(UnavailableException.class);
            server.restart();

            // when
            BatchRecord batch = pending.assign(PLENTY).orElseThrow();

            // then
            assertThat(batch.documents()).isEqualTo(5);
            assertThat(pending.importVectors(batch.id(), results(5)).imported()).isEqualTo(5);
        }
    }

    @Test
    void serverThatCrashesBetweenAnyTwoChangesCostsNothing() {
        TestingPostgres server = TestingPostgres.start();
        String database = server.newDatabase();
        try (server;
                EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments pending = sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);

            pending.commit(window("10", numbered(1, 10)));
            crash(server);
            BatchRecord batch = pending.assign(PLENTY).orElseThrow();
            crash(server);
            batch = pending.advance(
                    batch.in(BatchState.Submitted).with(batch.atProvider().withProviderBatch(Optional.of("b"))));
            crash(server);
            assertThat(pending.batches()).containsExactly(batch);
            pending.importVectors(batch.id(), results(6));
            crash(server);
            // Imports do not wait for the disk: what a crash takes back is told, and the results are read again.
            boolean done = false;
            for (int crashes = 1; !done; crashes--) {
                try {
                    pending.importVectors(batch.id(), results(10));
                    if (crashes > 0) {
                        crash(server);
                    }
                    pending.imported(batch.in(BatchState.Done), NOTHING_LEFT);
                    done = true;
                } catch (CheckpointLostException e) {
                    pending = sink.pending(run, sink.take(run, 0).orElseThrow(), BatchMoney.FREE);
                }
            }

            assertThat(sink.state(run).totals()).isEqualTo(new Counts(10, 10, 0, 0, 10, 30, 0, 0, 0));
            assertThat(query(database, "SELECT count(*), sum(id) FROM vectors")).containsExactly("10|55");
        }
    }

    private static void crash(TestingPostgres server) {
        server.kill();
        server.restart();
    }
}
