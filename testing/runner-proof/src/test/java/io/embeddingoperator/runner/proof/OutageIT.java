package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.TestingPostgres;
import io.embeddingoperator.runner.testing.Vectors;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database may go away in the middle of a run: the runner waits for it and goes on. */
class OutageIT {
    private static final int DOCUMENTS = 20_000;

    @TempDir
    private Path folder;

    @Test
    void aServerThatIsStoppedOnceAndCrashesOnceCostsNothingButTime() {
        try (TestingPostgres server = TestingPostgres.start()) {
            // given
            TestingDatabase database = new TestingDatabase(server.newDatabase());
            database.createDocuments(DOCUMENTS);
            TestingManifest manifest = TestingManifest.forTable(TestingModelFolder.fast(folder))
                    .shards(4)
                    .indexed();
            runToTheEnd(command(manifest, "undisturbed", database));
            long windows = database.counter("undisturbed", "windows");

            // when
            try (RunnerProcess runner = command(manifest, "disturbed", database).start()) {
                runner.awaitUntil("a third was committed", () -> database.committedWindows("disturbed") >= windows / 3);
                server.stop();
                server.restart();
                runner.awaitUntil(
                        "two thirds were committed", () -> database.committedWindows("disturbed") >= 2 * windows / 3);
                server.kill();
                server.restart();
                runner.awaitUntil("the index was begun", database::isBuildingIndex);
                server.kill();
                server.restart();
                runner.await();

                // then
                assertThat(runner.exitCode()).as(runner.errors()).isZero();
            }
            new Vectors(database, "disturbed")
                    .holdExactly(DOCUMENTS)
                    .equal("undisturbed")
                    .areAccountedFor(DOCUMENTS)
                    .areIndexed();
            assertThat(database.counter("disturbed", "embedded")).isEqualTo(DOCUMENTS);
            assertThat(database.counter("disturbed", "windows")).isEqualTo(windows);
        }
    }

    @Test
    void aRunnerThatWaitsForItsServerCanStillBeStoppedInTime() {
        try (TestingPostgres server = TestingPostgres.start("fsync=off")) {
            // given
            TestingDatabase database = new TestingDatabase(server.newDatabase());
            database.createDocuments(DOCUMENTS);
            RunnerCommand command =
                    command(TestingManifest.forTable(TestingModelFolder.fast(folder)), "vectors", database);
            try (RunnerProcess runner = command.start()) {
                runner.awaitUntil("two windows were committed", () -> database.committedWindows("vectors") >= 2);
                server.stop();
                runner.awaitUntil("it missed the server", () -> runner.errors().contains("trying again"));

                // when
                long asked = System.nanoTime();
                runner.signal("TERM");
                runner.await();

                // then
                assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(143);
                assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(StopIT.PROMISED);
            }
            server.restart();
            runToTheEnd(command);
            new Vectors(database, "vectors").holdExactly(DOCUMENTS).areAccountedFor(DOCUMENTS);
            assertThat(database.counter("vectors", "embedded")).isEqualTo(DOCUMENTS);
        }
    }

    private static void runToTheEnd(RunnerCommand command) {
        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
    }

    private RunnerCommand command(TestingManifest manifest, String table, TestingDatabase database) {
        return RunnerCommand.run(manifest.into("public." + table).write(folder, table + ".yaml"), database.uri());
    }
}
