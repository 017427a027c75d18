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
