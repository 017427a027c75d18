package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.Vectors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as they come: most lines are good, some are broken, one file ends too early. */
class FilesIT {
    private static final int GOOD = 9_000;
    private static final int DUPLICATES = 20;
    private static final int INVALID_UTF8 = 5;
    private static final int KILLS = 5;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private TestingManifest manifest;

    @BeforeEach
    void writeFiles() throws IOException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Files.writeString(corpus.resolve("a.ndjson"), lines(0, 5_000));
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(corpus.resolve("b.ndjson.gz")))) {
            gzip.write(lines(5_000, GOOD).getBytes(StandardCharsets.UTF_8));
        }
        Files.writeString(corpus.resolve("c.ndjson"), lines(0, DUPLICATES));
        Files.write(corpus.resolve("d.ndjson"), invalidLines());
        Files.write(corpus.resolve("e.ndjson.gz"), truncatedGzip());
        manifest = TestingManifest.forFiles(corpus + "/*", TestingModelFolder.fast(folder))
                .shards(3);
    }

    @Test
    void goodDocumentsArriveOnceAndEveryBrokenOneIsNamedWithItsReason() throws IOException {
        // given a path that is relative to the folder of the source
        Path lastWords = folder.resolve("termination-log");
        TestingManifest mounted = manifest.with("spec.source.volume.path", "corpus/*");

        // when
        try (RunnerProcess runner = command(mounted, "vectors")
                .with(EnvironmentVariable.SOURCE_FOLDER, folder.toString())
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords.toString())
                .execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(65);
            assertThat(runner.output().lines())
                    .endsWith("26 documents failed, more than spec.failurePolicy.maxFailedDocuments (0) allows;"
                            + " all others are embedded; the reasons are in embedding_operator.failed_documents");
        }
        new Vectors(database, "vectors").holdExactly(GOOD).areAccountedFor(GOOD + DUPLICATES + INVALID_UTF8 + 1);
        assertFailuresAreRecorded();
        assertThat(TerminationMessage.read(Files.readString(lastWords)).failedDocuments())
                .hasSize(5)
                .extracting(Progress.FailedDocument::reason)
                .isSubsetOf(database.texts("SELECT reason FROM embedding_operator.failed_documents"));
        assertThat(database.number(
                        "SELECT count(*) FROM generate_series(0, %d) i WHERE i::text NOT IN (SELECT id FROM vectors)"
                                .formatted(GOOD - 1)))
                .as("good documents that are missing")
                .isZero();

        // and when as many may fail
        TestingManifest patient = manifest.with("spec.failurePolicy.maxFailedDocuments", 26);
        try (RunnerProcess runner = command(patient, "vectors").execute()) {
            // then the damaged file still counts for more than one
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(65);
            assertThat(runner.output().lines().toList().getLast())
                    .startsWith("files are damaged at ")
                    .contains("e.ndjson.gz: any number of documents may be lost there, which"
                            + " spec.failurePolicy.maxFailedDocuments never allows");
        }

        // and when the file is written again
        Files.writeString(folder.resolve("corpus/e.ndjson"), "no document\n");
        Files.delete(folder.resolve("corpus/e.ndjson.gz"));
        try (RunnerProcess runner = command(patient, "vectors").execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(runner.output()).startsWith("0 documents embedded, 9,000 unchanged, 26 failed in ");
        }
    }

    @Test
    void killsChangeNothingOfThat() throws InterruptedException {
        // given
        Random random = new Random(7);
        try (RunnerProcess undisturbed = command(manifest, "undisturbed").execute()) {
            assertThat(undisturbed.exitCode()).as(undisturbed.errors()).isEqualTo(65);
        }
        int windows = (int) database.counter("undisturbed", "windows");
        database.execute("DELETE FROM embedding_operator.failed_documents");

        // when
        for (int committed : random.ints(KILLS, 0, windows - 1).sorted().toArray()) {
            try (RunnerProcess runner = command(manifest, "vectors").start()) {
                runner.awaitUntil(
                        "%d windows were committed".formatted(committed + 1),
                        () -> database.committedWindows("vectors") > committed);
                Thread.sleep(random.nextInt(50));
                runner.kill();
            }
        }
        try (RunnerProcess runner = command(manifest, "vectors").execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(65);
        }

        // then
        new Vectors(database, "vectors")
                .holdExactly(GOOD)
                .equal("undisturbed")
                .areAccountedFor(GOOD + DUPLICATES + INVALID_UTF8 + 1);
        assertFailuresAreRecorded();
    }

    private void assertFailuresAreRecorded() {
        String reasons = "SELECT regexp_replace(reason, '\\d+', '#', 'g') FROM embedding_operator.failed_documents"
                + " WHERE location LIKE '%%/%s%%'";
        assertThat(database.texts(reasons.formatted("c.ndjson")))
                .hasSize(DUPLICATES)
                .allMatch(reason -> reason.startsWith("key '#' was already read at "));
        assertThat(database.texts(reasons.formatted("d.ndjson")))
                .hasSize(INVALID_UTF8)
                .containsOnly("not valid UTF-# at byte # of the line: write the file as UTF-#");
        assertThat(database.texts(reasons.formatted("e.ndjson.gz")))
                .singleElement()
                .asString()
                .startsWith("the file ends in the middle of its gzip data");
    }

    private RunnerCommand command(TestingManifest changed, String table) {
        return RunnerCommand.run(changed.into("public." + table).write(folder, table + ".yaml"), database.uri());
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(FilesIT::line).collect(Collectors.joining());
    }

    private static String line(int id) {
        return "{\"id\": \"%d\", \"body\": \"%s%d\"}%n"
                .formatted(id, "the river runs low and ".repeat(1 + id % 13), id);
    }

    private static byte[] invalidLines() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < INVALID_UTF8; i++) {
            bytes.writeBytes("{\"id\": \"bad-%d\", \"body\": \"".formatted(i).getBytes(StandardCharsets.UTF_8));
            bytes.write(0xC3);
            bytes.writeBytes("(\"}\n".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** A file whose beginning alone was copied, before a whole line of it could be read. */
    private static byte[] truncatedGzip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(lines(GOOD, GOOD + 100).getBytes(StandardCharsets.UTF_8));
        }
        return Arrays.copyOf(bytes.toByteArray(), 40);
    }
}
