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
import io.embeddingoperator.runner.testing.TestingPostgres;
import io.embeddingoperator.runner.testing.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A runner that is asked to stop leaves a clean checkpoint. */
class StopIT {
    private static final int DOCUMENTS = 20_000;

    /** Kubernetes kills a pod 30 s after it asked; the runner promises to be gone well before. */
    static final Duration PROMISED = Duration.ofSeconds(20);

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private Path manifest;

    @BeforeEach
    void documents() {
        database.createDocuments(DOCUMENTS);
        manifest = TestingManifest.forTable(TestingModelFolder.fast(folder))
                .shards(2)
                .write(folder);
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void aSignalEndsTheRunnerInTimeAndALaterRunRepeatsNothing(String signal, int exitCode) throws IOException {
        // given
        Path lastWords = folder.resolve("termination-log");
        RunnerCommand command = RunnerCommand.run(manifest, database.uri())
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords.toString());
        List<String> committed;
        try (RunnerProcess runner = command.start()) {
            runner.awaitUntil("three windows were committed", () -> database.committedWindows("vectors") >= 3);

            // when
            long asked = System.nanoTime();
            runner.signal(signal);
            runner.await();

            // then
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(PROMISED);
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(exitCode);
        }
        assertThat(database.number("SELECT count(DISTINCT id) FROM vectors"))
                .isEqualTo(database.counter("vectors", "embedded"))
                .isLessThan(DOCUMENTS);
        Progress progress = TerminationMessage.read(Files.readString(lastWords));
        assertThat(progress.phase()).isEqualTo(Progress.Phase.Interrupted);
        assertThat(progress.committed().documents().embedded()).isEqualTo(database.counter("vectors", "embedded"));
        committed = writtenRows();

        // and when
        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri()).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }

        // then
        assertThat(writtenRows()).containsAll(committed);
        new Vectors(database, "vectors").holdExactly(DOCUMENTS).areAccountedFor(DOCUMENTS);
        assertThat(database.counter("vectors", "embedded")).isEqualTo(DOCUMENTS);
    }

    @Test
    void aSignalBeforeTheRunIsPlannedEndsTheRunnerAtOnce() {
        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri()).start()) {
            runner.awaitUntil("it said a first word", () -> !runner.errors().isEmpty());
            runner.signal("TERM");
            runner.await();

            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(143);
        }
    }

    @Test
    void aSignalWhileTheIndexIsBuiltIsNoFailureAndALaterRunBuildsIt() throws Exception {
        // given an index build that waits for another transaction
        manifest = TestingManifest.forTable(TestingModelFolder.fast(folder))
                .indexed()
                .write(folder);
        Path lastWords = folder.resolve("termination-log");
        RunnerCommand command = RunnerCommand.run(manifest, database.uri())
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords.toString());
        try (RunnerProcess runner = command.start();
                Connection other = TestingPostgres.connect(database.uri())) {
            runner.awaitUntil("a window was committed", () -> database.committedWindows("vectors") >= 1);
            other.setAutoCommit(false);
            other.createStatement().execute("LOCK TABLE vectors IN SHARE UPDATE EXCLUSIVE MODE");
            runner.awaitUntil("the index is being built", this::isIndexAskedFor);

            // when
            runner.signal("TERM");
            runner.await();

            // then
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(143);
        }
        Progress progress = TerminationMessage.read(Files.readString(lastWords));
        assertThat(progress.phase()).as(progress.message()).isEqualTo(Progress.Phase.Interrupted);
        assertThat(progress.committed().documents().embedded()).isEqualTo(DOCUMENTS);

        // and when
        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri()).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
        assertThat(database.number("SELECT count(*) FROM pg_index WHERE indrelid = 'vectors'::regclass AND indisvalid"))
                .isGreaterThanOrEqualTo(2);
    }

    private boolean isIndexAskedFor() {
        return database.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND state = 'active'")
                > 0;
    }

    private List<String> writtenRows() {
        return database.texts("SELECT id || ' ' || chunk || ' ' || embedded_at FROM vectors");
    }
}
