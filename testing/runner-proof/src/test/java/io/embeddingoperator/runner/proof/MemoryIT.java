package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of a runner depends neither on how many documents there are nor on how long one is. */
class MemoryIT {
    private static final int FEW = 100_000;
    private static final int MANY = 1_000_000;
    private static final String SENTENCE = "the river runs low ";
    private static final int SENTENCES_OF_A_HUGE_DOCUMENT = 200 * 1024 * 1024 / SENTENCE.length();
    private static final int GOOD = 50;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void aMillionDocumentsNeedNoMoreMemoryThanAHundredThousand() {
        // given
        database.execute(
                "CREATE UNLOGGED TABLE documents (id bigint PRIMARY KEY, body text)",
                "INSERT INTO documents SELECT i, '%s' || i FROM generate_series(1, %d) i".formatted(SENTENCE, MANY),
                "VACUUM ANALYZE documents");
        TestingManifest manifest = TestingManifest.forTable(TestingModelFolder.fast(folder));

        // when
        long few = peakBytes(manifest.with("spec.source.postgres.where", "id <= " + FEW), "few", FEW);
        long many = peakBytes(manifest, "many", MANY);

        // then
        System.out.printf("Peak memory: %d MB for %d documents, %d MB for %d%n", few >> 20, FEW, many >> 20, MANY);
        assertThat(many).isLessThan(few * 11 / 10);
    }

    @Test
    void aRowOf200MBFailsAlone() {
        database.execute(
                "CREATE TABLE documents (id bigint PRIMARY KEY, body text)",
                "INSERT INTO documents SELECT i, '%s' || i FROM generate_series(1, %d) i".formatted(SENTENCE, GOOD),
                "INSERT INTO documents SELECT 25000, repeat('%s', %d)"
                        .formatted(SENTENCE, SENTENCES_OF_A_HUGE_DOCUMENT));

        assertOnlyTheHugeOneFails(
                TestingManifest.forTable(TestingModelFolder.fast(folder)),
                "25000",
                "text and metadata are 209,715,198 bytes long, and 16,777,216 are the most: exclude such rows with"
                        + " spec.source.postgres.where, or raise spec.failurePolicy.maxFailedDocuments");
    }

    @Test
    void aLineOf200MBFailsAlone() throws IOException {
        Path file = folder.resolve("corpus.ndjson");
        try (Writer writer = Files.newBufferedWriter(file)) {
            for (int i = 0; i < GOOD; i++) {
                if (i == GOOD / 2) {
                    writer.write("{\"id\": \"huge\", \"body\": \"");
                    writeHuge(writer);
                    writer.write("\"}\n");
                }
                writer.write("{\"id\": \"%d\", \"body\": \"%s%d\"}\n".formatted(i, SENTENCE, i));
            }
        }

        assertOnlyTheHugeOneFails(
                TestingManifest.forFiles(file.toString(), TestingModelFolder.fast(folder)),
                "huge",
                "the line has more than 50331648 bytes: split the document");
    }

    @Test
    void aTextFileOf200MBFailsAlone() throws IOException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        for (int i = 0; i < GOOD; i++) {
            Files.writeString(corpus.resolve(i + ".txt"), SENTENCE + i);
        }
        Path huge = corpus.resolve("huge.txt");
        try (Writer writer = Files.newBufferedWriter(huge)) {
            writeHuge(writer);
        }

        assertOnlyTheHugeOneFails(
                TestingManifest.forFiles("", TestingModelFolder.fast(folder))
                        .with("spec.source.volume", Map.of("path", corpus + "/*.txt", "format", "Text")),
                huge.toString(),
                "the file has 209715198 bytes and a document may have 16777216: split it");
    }

    private long peakBytes(TestingManifest manifest, String table, int documents) {
        Path file = manifest.into("public." + table).write(folder, table + ".yaml");
        // Without the optimizing compiler: what it takes for a moment comes and goes by chance, and is no document's.
        try (RunnerProcess runner =
                RunnerCommand.run(file, database.uri()).start().watchingMemory().await()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(database.counter(table, "embedded")).isEqualTo(documents);
            System.out.print(runner.output());
            return runner.peakBytes();
        }
    }

    private void assertOnlyTheHugeOneFails(TestingManifest manifest, String key, String reason) {
        try (RunnerProcess runner = RunnerCommand.run(
                        manifest.with("spec.failurePolicy.maxFailedDocuments", 1)
                                .write(folder),
                        database.uri())
                .execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
        assertThat(database.number("SELECT count(*) FROM vectors")).isEqualTo(GOOD);
        assertThat(database.texts("SELECT key FROM embedding_operator.failed_documents"))
                .containsExactly(key);
        assertThat(database.texts("SELECT reason FROM embedding_operator.failed_documents"))
                .containsExactly(reason);
        assertThat(database.counter("vectors", "failed")).isEqualTo(1);
    }

    private static void writeHuge(Writer writer) throws IOException {
        for (int i = 0; i < SENTENCES_OF_A_HUGE_DOCUMENT; i++) {
            writer.write(SENTENCE);
        }
    }
}
