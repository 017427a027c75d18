package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real texts, the bundled model, and a question that only their meaning answers. */
class EndToEndIT {
    private static final Path CORPUS = Path.of("../examples/corpus/postgresql-documentation.ndjson");
    private static final int DOCUMENTS = 200;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void aRunnerLeavesNoMarkByWhichItsMachineCouldBeTold() throws IOException {
        // given
        Path file = folder.resolve("corpus.ndjson");
        Files.write(file, shortDocuments(1));
        Path manifest = manifest(file).write(folder);
        Path home = Files.createDirectory(folder.resolve("home"));

        // when
        output(
                RunnerCommand.run(manifest, database.uri())
                        .with("HOME", home.toString())
                        .with("XDG_CACHE_HOME", home.resolve(".cache").toString()),
                "plan",
                "-f",
                manifest.toString());

        // then: ONNX Runtime keeps there what it names the machine by when it tells its maker of its work
        assertThat(home.resolve(".cache/Microsoft")).doesNotExist();
    }

    @Test
    void realDocumentsArePlannedEmbeddedAndFoundByTheirMeaning() throws IOException {
        // given
        Path file = folder.resolve("corpus.ndjson");
        Files.write(file, shortDocuments(DOCUMENTS));
        Path manifest = manifest(file).write(folder);

        // when
        String plan = output(RunnerCommand.run(manifest, database.uri()), "plan", "-f", manifest.toString());
        String run = output(RunnerCommand.run(manifest, database.uri()), "run", "-f", manifest.toString());
        String search = output(
                RunnerCommand.run(manifest, database.uri()),
                "search",
                "-f",
                manifest.toString(),
                "-k",
                "3",
                "Which type stores the address of a computer in a network?");

        // then
        assertThat(plan.lines().map(line -> line.split(" ")[0]))
                .containsExactly(
                        "embedder",
                        "documents",
                        "chunks",
                        "tokens",
                        "text",
                        "vectors",
                        "index",
                        "orphans",
                        "time",
                        "sample");
        assertThat(run).startsWith("200 documents embedded in ");
        new Vectors(database, "vectors")
                .holdExactly(DOCUMENTS)
                .areAccountedFor(DOCUMENTS)
                .areIndexed();
        assertThat(database.number("SELECT count(*) FROM vectors WHERE abs(vector_norm(embedding) - 1) > 1e-5"))
                .as("vectors that are not of length 1")
                .isZero();
        assertThat(search.lines()).hasSize(3).allMatch(line -> line.matches("0\\.\\d{4}  \\d+#\\d+  .+"));
        assertThat(search.lines().toList()).isSorted();
        assertThat(search).contains("Network Address Types");
    }

    @Test
    void howDocumentsAreDividedDoesNotChangeAVector() throws IOException {
        // given
        Path file = folder.resolve("corpus.ndjson");
        Files.write(file, shortDocuments(60));

        // when
        for (int shards : List.of(1, 3)) {
            Path manifest = manifest(file)
                    .shards(shards)
                    .into("public.vectors_of_" + shards)
                    .write(folder);
            output(RunnerCommand.run(manifest, database.uri()), "run", "-f", manifest.toString());
        }

        // then
        new Vectors(database, "vectors_of_1").holdExactly(60).equal("vectors_of_3");
    }

    /** Of a few chunks each, so that the real model has enough to do and no more. */
    private static List<String> shortDocuments(int count) throws IOException {
        return Files.readAllLines(CORPUS).stream()
                .filter(line -> line.length() < 2_000)
                .limit(count)
                .toList();
    }

    private TestingManifest manifest(Path file) {
        return TestingManifest.forFiles(file.toString(), folder)
                .with("spec.source.volume.textFields", List.of("title", "body"))
                .with("spec.chunking", Map.of("strategy", "Recursive", "maxTokens", 128, "overlapTokens", 16))
                .with(
                        "spec.embedder",
                        Map.of("onnx", Map.of("model", Map.of("bundled", "all-minilm-l6-v2"), "maxTokens", 128)))
                .indexed();
    }

    private static String output(RunnerCommand connections, String... arguments) {
        try (RunnerProcess runner = new RunnerCommand(List.of(arguments), connections.environment()).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            return runner.output();
        }
    }
}
