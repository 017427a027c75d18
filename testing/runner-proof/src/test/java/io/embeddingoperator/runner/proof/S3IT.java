package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.TestingS3Server;
import io.embeddingoperator.runner.testing.Vectors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects of real servers that share no code, with the runner and the server killed in the middle of a run. */
class S3IT {
    private static final int DOCUMENTS = 9_000;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"seaweedfs", "versitygw"})
    void everyDocumentArrivesOnceThoughRunnerAndServerAreKilled(String name) throws IOException {
        try (TestingS3Server server = TestingS3Server.start(name, folder)) {
            // given
            server.put("in/large.ndjson", lines(0, 5_000));
            server.put("in/ü +%41/b.ndjson.gz", gzip(lines(5_000, 8_000)));
            for (int from = 8_000; from < DOCUMENTS; from += 100) {
                server.put("in/small/%d.ndjson".formatted(from), lines(from, from + 100));
            }
            server.put("in/_SUCCESS", new byte[0]);
            TestingManifest manifest = TestingManifest.forObjects(server.url(), TestingModelFolder.fast(folder))
                    .shards(3);
            runToTheEnd(server, manifest, "undisturbed");

            // when the runner is killed
            try (RunnerProcess runner = command(server, manifest, "vectors").start()) {
                runner.awaitUntil("a window was committed", () -> database.committedWindows("vectors") > 0);
                runner.kill();
            }
            // and the server
            try (RunnerProcess runner = command(server, manifest, "vectors").start()) {
                runner.awaitUntil("another was", () -> database.committedWindows("vectors") > 2);
                server.kill();
                runner.await();
                // what was read before may have been all
                assertThat(runner.exitCode()).as(runner.errors()).isIn(0, 75);
            }
            server.restart();
            runToTheEnd(server, manifest, "vectors");

            // then
            new Vectors(database, "vectors").holdExactly(DOCUMENTS).equal("undisturbed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"seaweedfs", "versitygw"})
    void objectsThatDidNotChangeAreNotReadAgainThoughRunnersAreKilled(String name) throws IOException {
        try (TestingS3Server server = TestingS3Server.start(name, folder);
                FaultProxy proxy = FaultProxy.watching(URI.create(server.url()).getPort())) {
            // given a run that is killed, and completed by the next runner
            server.put("in/large.ndjson", lines(0, 5_000));
            server.put("in/b.ndjson.gz", gzip(lines(5_000, 8_000)));
            for (int from = 8_000; from < DOCUMENTS; from += 100) {
                server.put("in/small/%d.ndjson".formatted(from), lines(from, from + 100));
            }
            TestingManifest manifest = TestingManifest.forObjects(proxy.url(), TestingModelFolder.fast(folder))
                    .with("spec.sink.pgvector.orphans", "Delete")
                    .shards(3);
            killInTheMiddle(server, manifest, 1);
            runToTheEnd(server, manifest, "vectors");
            assertThat(proxy.pathsSince()).contains("/docs/in/large.ndjson", "/docs/in/small/8100.ndjson");

            // when one object is changed, one is gone, one is new, and runners are killed again
            server.put("in/small/8100.ndjson", lines(DOCUMENTS, DOCUMENTS + 50));
            server.delete("in/small/8200.ndjson");
            server.put("in/new.ndjson", lines(10_000, 15_000));
            killInTheMiddle(server, manifest, 2);
            killInTheMiddle(server, manifest, 2);
            runToTheEnd(server, manifest, "vectors");

            // then
            assertThat(proxy.pathsSince())
                    .filteredOn(path -> path.startsWith("/docs/in/"))
                    .containsExactlyInAnyOrder("/docs/in/small/8100.ndjson", "/docs/in/new.ndjson");
            int documents = DOCUMENTS - 200 + 50 + 5_000;
            runToTheEnd(server, manifest, "undisturbed");
            new Vectors(database, "vectors")
                    .holdExactly(documents)
                    .equal("undisturbed")
                    .areAccountedFor(documents);
            assertThat(database.counter("vectors", "skipped")).isEqualTo(DOCUMENTS - 200);

            // when nothing has changed, then nothing is read
            proxy.pathsSince();
            runToTheEnd(server, manifest, "vectors");
            assertThat(proxy.pathsSince()).noneMatch(path -> path.startsWith("/docs/in/"));
            new Vectors(database, "vectors").equal("undisturbed").areAccountedFor(documents);

            // when it is switched off, then all of it is read, and nothing embedded
            runToTheEnd(server, manifest.with("spec.source.s3.unchangedObjects", "Read"), "vectors");
            assertThat(proxy.pathsSince()).contains("/docs/in/large.ndjson", "/docs/in/new.ndjson");
            assertThat(database.counter("vectors", "skipped")).isEqualTo(documents);
        }
    }

    private void killInTheMiddle(TestingS3Server server, TestingManifest manifest, int run) {
        long before = windowsOf(run);
        try (RunnerProcess runner = command(server, manifest, "vectors").start()) {
            runner.awaitUntil("a window of run %d was committed".formatted(run), () -> windowsOf(run) > before);
            runner.kill();
        }
    }

    /** @param run counted from 1 */
    private long windowsOf(int run) {
        return database.number("SELECT (to_regclass('embedding_operator.document_keys') IS NOT NULL)::int") == 0
                ? 0
                : database.number(
                        "SELECT coalesce(sum(windows), 0) FROM embedding_operator.shards WHERE run_id = " + run);
    }

    @Test
    void everyDocumentArrivesOnceThroughResetsRefusalsAndCutBodies() throws IOException {
        try (TestingS3Server server = TestingS3Server.start("seaweedfs", folder);
                FaultProxy proxy = FaultProxy.before(URI.create(server.url()).getPort())) {
            // given
            server.put("in/large.ndjson", lines(0, 5_000));
            for (int from = 5_000; from < 6_000; from += 50) {
                server.put("in/small/%d.ndjson".formatted(from), lines(from, from + 50));
            }
            Path model = TestingModelFolder.fast(folder);
            runToTheEnd(server, TestingManifest.forObjects(server.url(), model), "undisturbed");

            // when
            runToTheEnd(server, TestingManifest.forObjects(proxy.url(), model).shards(2), "vectors");

            // then
            new Vectors(database, "vectors").holdExactly(6_000).equal("undisturbed");
            assertThat(proxy.done()).containsOnlyKeys(FaultProxy.Fault.values());
            assertThat(proxy.done().values()).allMatch(times -> times.intValue() > 2);
        }
    }

    @Test
    void anEncryptedStoreIsReadWhereItsAuthorityIsNamed() throws Exception {
        try (TestingS3Server server = TestingS3Server.startEncrypted("versitygw", folder)) {
            // given
            server.put("in/a.ndjson", lines(0, 10));
            TestingManifest manifest = TestingManifest.forObjects(server.url(), TestingModelFolder.fast(folder));

            // when, then
            try (RunnerProcess runner = command(server, manifest, "vectors")
                    .without(EnvironmentVariable.S3_CA_BUNDLE)
                    .execute()) {
                assertThat(runner.exitCode()).isEqualTo(64);
                assertThat(runner.errors()).contains("is not trusted").contains("spec.source.s3.caBundle");
            }
            runToTheEnd(server, manifest, "vectors");
            new Vectors(database, "vectors").holdExactly(10);
        }
    }

    private void runToTheEnd(TestingS3Server server, TestingManifest manifest, String table) {
        try (RunnerProcess runner = command(server, manifest, table).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
    }

    private RunnerCommand command(TestingS3Server server, TestingManifest manifest, String table) {
        Path file = manifest.into("public." + table).write(folder, table + ".yaml");
        return server.authorize(RunnerCommand.run(file, database.uri()));
    }

    private static byte[] lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(id -> "{\"id\": \"%d\", \"body\": \"%s%d\"}\n"
                        .formatted(id, "the river runs low and ".repeat(1 + id % 13), id))
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }
}
