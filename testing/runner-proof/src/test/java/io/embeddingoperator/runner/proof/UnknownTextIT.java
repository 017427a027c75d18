package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents in a language that the model's vocabulary does not have, among others. */
class UnknownTextIT {
    private static final String TOLD = "at least half of the tokens of 2 chunks ";

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private Path manifest;

    @BeforeEach
    void write() throws IOException {
        Path file = folder.resolve("documents.ndjson");
        Files.writeString(file, """
                {"id": 1, "body": "the page and the row"}
                {"id": 2, "body": "데이터베이스는페이지를읽는다"}
                {"id": 3, "body": "강은여름에낮게흐른다"}
                """);
        manifest = TestingManifest.forFiles(file.toString(), TestingModelFolder.fast(folder))
                .write(folder);
    }

    @Test
    void areEmbeddedCountedAndTold() {
        RunnerCommand run = RunnerCommand.run(manifest, database.uri());

        try (RunnerProcess planned =
                        new RunnerCommand(List.of("plan", "-f", manifest.toString()), run.environment()).execute();
                RunnerProcess ran = run.execute()) {
            assertThat(planned.exitCode()).as(planned.errors()).isZero();
            assertThat(planned.output()).contains(TOLD + "of the sample are unknown to the model");
            assertThat(ran.exitCode()).as(ran.errors()).isZero();
            assertThat(ran.output()).contains(TOLD + "are unknown to the model");
            assertThat(ran.errors())
                    .containsOnlyOnce("at least half of the tokens of a chunk are unknown to the model")
                    .containsPattern("document [23] \\(.*documents\\.ndjson at byte \\d+\\): at least half");
        }
        assertThat(database.number("SELECT count(*) FROM vectors")).isEqualTo(3);
        assertThat(database.number("SELECT sum(chunks) FROM embedding_operator.unknown_chunks"))
                .isEqualTo(2);
    }
}
