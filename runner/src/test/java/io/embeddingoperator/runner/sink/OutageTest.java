package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.RECIPE;
import static io.embeddingoperator.runner.sink.TestingSink.VARIABLE;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OutageTest {
    @Test
    void commitWhoseAnswerWasLostTakesEffectOnce() throws IOException {
        String database = TestingSink.newDatabase();
        try (EmbeddingSink direct = prepared(spec(), ARTICLES, database);
                ReplyLosingProxy proxy = ReplyLosingProxy.before(database);
                EmbeddingSink sink = open(spec(), proxy.uri(database))) {
            Run run = run(direct, 1);
            ShardLease lease = direct.take(run, 0).orElseThrow();
            sink.prepare(TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
            WindowSink windows = sink.windows(run, lease, ARTICLES, Durability.EVERY_SHARD);

            proxy.arm();
            Counts counters = windows.commit(window("50", numbered(1, 50, "text")));
            windows.commit(window("60", numbered(51, 60, "text")));

            assertThat(proxy.lostReplies()).isEqualTo(1);
            assertThat(counters).isEqualTo(new Counts(50, 50, 0, 0, 50, 150, 0, 0, 0));
            assertThat(direct.state(run).totals()).isEqualTo(new Counts(60, 60, 0, 0, 60, 180, 0, 0, 0));
            assertThat(query(database, "SELECT count(*), sum(id) FROM vectors")).containsExactly("60|1830");
        }
    }

    @Test
    void serverThatCrashesAndComesBackCostsNothing() {
        TestingPostgres server = TestingPostgres.start();
        String database = server.newDatabase();
        try (server;
                EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_WINDOW);
            CompletableFuture<Void> outage = new CompletableFuture<>();

            for (int i = 0; i < 40; i++) {
                if (i == 10) {
                    Thread.ofVirtual().start(() -> {
                        server.kill();
                        server.restart();
                        outage.complete(null);
                    });
                }
                windows.commit(window("window " + i, numbered(i * 100L + 1, i * 100L + 100, "text")));
            }
            outage.join();
            windows.commit(window("after", numbered(4001, 4100, "text")));

            assertThat(sink.state(run).totals().embedded()).isEqualTo(4100);
            assertThat(query(database, "SELECT count(*), sum(id), count(DISTINCT id) FROM vectors"))
                    .containsExactly("4100|8407050|4100");
        }
    }

    @Test
    void interruptedThreadStopsTrying() throws InterruptedException {
        TestingPostgres server = TestingPostgres.start("fsync=off");
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, server.newDatabase())) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
            server.close();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread committing = Thread.ofPlatform().start(() -> {
                try {
                    windows.commit(window("1", numbered(1, 10, "text")));
                } catch (UnavailableException e) {
                    failure.set(e);
                }
            });

            while (committing.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            committing.interrupt();
            committing.join(Duration.ofSeconds(20));

            assertThat(committing.isAlive()).isFalse();
            assertThat(failure.get()).isInstanceOf(UnavailableException.class);
        }
    }

    @Test
    void fullDiskEndsInASentenceAndTheWindowFitsLater() throws IOException, InterruptedException {
        Path disk = Files.createTempDirectory(Path.of("/var/tmp"), "embedding-operator-disk");
        assumeThat(mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()))
                .as("a small file system can be mounted here")
                .isTrue();
        TestingPostgres server = TestingPostgres.start("fsync=off");
        try (server) {
            String database = server.newDatabase();
            Path folder = Files.createDirectory(disk.resolve("tables"));
            Files.setOwner(
                    folder,
                    Files.getOwner(
                            Path.of(query(database, "SHOW data_directory").getFirst())));
            execute(database, "CREATE TABLESPACE small LOCATION '%s'".formatted(folder));
            try (EmbeddingSink sink =
                    EmbeddingSink.open(spec(), ConnectionUri.parse(VARIABLE, database), Duration.ofMillis(500))) {
                sink.prepare(TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
                execute(database, "ALTER TABLE vectors SET TABLESPACE small");
                Run run = run(sink, 1);
                WindowSink windows =
                        sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
                Window<EmbeddedDocument> big = window("1", numbered(1, 3000, "0123456789abcdef".repeat(400)));

                assertThatThrownBy(() -> windows.commit(big))
                        .isInstanceOf(UnavailableException.class)
                        .hasMessageStartingWith(ConnectionUri.parse(VARIABLE, database)
                                + " (EMBEDDING_SINK_URI) stayed unavailable: could not extend file")
                        .hasMessageEndingWith(
                                "No space left on device: run again once it is back, the run goes on from its"
                                        + " checkpoint");
                assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("0");

                mount("-o", "remount,size=200m", disk.toString());
                windows.commit(big);
                assertThat(query(database, "SELECT count(*) FROM vectors")).containsExactly("3000");
            }
        } finally {
            new ProcessBuilder("umount", disk.toString()).inheritIO().start().waitFor();
        }
    }

    private static boolean mount(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "mount";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return new ProcessBuilder(command).start().waitFor() == 0;
    }
}
