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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that crashes may lose windows that it had confirmed; the runner that wrote them notices and does them again. */
class LostWindowsIT {
    private static final int DOCUMENTS = 20_000;

    @TempDir
    private Path folder;

    @Test
    void windowsThatTheServerConfirmedAndLostAreEmbeddedAgainByTheSameProcess() {
        try (TestingPostgres server = TestingPostgres.startForgetful("fsync=off")) {
            // given
            TestingDatabase database = new TestingDatabase(server.newDatabase());
            database.createDocuments(DOCUMENTS);
            TestingManifest manifest =
                    TestingManifest.forTable(TestingModelFolder.fast(folder)).shards(2);
            try (RunnerProcess runner =
                    command(manifest, "undisturbed", database).execute()) {
                assertThat(runner.exitCode()).as(runner.errors()).isZero();
            }
            long windows = database.counter("undisturbed", "windows");

            // when
            try (RunnerProcess runner = command(manifest, "disturbed", database).start()) {
                runner.awaitUntil("two windows were committed", () -> database.committedWindows("disturbed") >= 2);
                server.withholdLog();
                long withheld = database.committedWindows("disturbed");
                runner.awaitUntil(
                        "two more windows were committed",
                        () -> database.committedWindows("disturbed") >= withheld + 2);
                server.crash();
                runner.await();

                // then
                assertThat(runner.exitCode()).as(runner.errors()).isZero();
                assertThat(runner.errors()).contains("that it had confirmed: what it lost is done again");
            }
            new Vectors(database, "disturbed")
                    .holdExactly(DOCUMENTS)
                    .equal("undisturbed")
                    .areAccountedFor(DOCUMENTS);
            assertThat(database.counter("disturbed", "embedded")).isEqualTo(DOCUMENTS);
            assertThat(database.counter("disturbed", "windows")).isEqualTo(windows);
        }
    }

    private RunnerCommand command(TestingManifest manifest, String table, TestingDatabase database) {
        return RunnerCommand.run(manifest.into("public." + table).write(folder, table + ".yaml"), database.uri());
    }
}
