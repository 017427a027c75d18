package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up while vectors are written. Needs a file system of its own, which root alone may mount. */
class DiskFullIT {
    private static final int DOCUMENTS = 20_000;
    private static final int DISK_MEGABYTES = 64;
    private static final int FREE_MEGABYTES = 4;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private Path disk;

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        if (disk != null) {
            database.execute(
                    "ALTER DATABASE %s RESET default_tablespace".formatted(name()),
                    "DROP TABLE IF EXISTS vectors",
                    "DROP SCHEMA IF EXISTS embedding_operator CASCADE",
                    "DROP TABLESPACE small");
            succeeds("umount", disk.toString());
            Files.delete(disk);
        }
    }

    @Test
    void aRunWaitsWhileTheDiskIsFullAndCompletesOnceThereIsSpace() throws IOException, InterruptedException {
        // given
        database.createDocuments(DOCUMENTS);
        TestingManifest manifest = TestingManifest.forTable(TestingModelFolder.fast(folder));
        try (RunnerProcess runner = command(manifest, "undisturbed").execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
        Path ballast = mountSmallDisk();

        try (RunnerProcess runner = command(manifest, "vectors").start()) {
            // when
            runner.awaitUntil("the disk was full", () -> runner.errors().contains("No space left on device"));

            // then
            assertThat(runner.errors())
                    .containsPattern("WARN .*could not .* No space left on device; trying again for up to");
            assertThat(database.number("SELECT count(DISTINCT id) FROM vectors"))
                    .isEqualTo(database.counter("vectors", "embedded"))
                    .isLessThan(DOCUMENTS);

            // and when
            Files.delete(ballast);
            runner.await();

            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
        new Vectors(database, "vectors")
                .holdExactly(DOCUMENTS)
                .equal("undisturbed")
                .areAccountedFor(DOCUMENTS);
        assertThat(database.counter("vectors", "embedded")).isEqualTo(DOCUMENTS);
    }

    /** Everything that is created from now on lies on it. Returns a file that fills it but for a little. */
    private Path mountSmallDisk() throws IOException, InterruptedException {
        Path mount = Files.createTempDirectory("embedding-operator-small-disk");
        assumeThat(succeeds(
                        "mount", "-t", "tmpfs", "-o", "size=%dm".formatted(DISK_MEGABYTES), "tmpfs", mount.toString()))
                .as("whether a tmpfs can be mounted here")
                .isTrue();
        disk = mount;
        Path ballast = Files.write(disk.resolve("ballast"), new byte[(DISK_MEGABYTES - FREE_MEGABYTES) << 20]);
        Path tablespace = Files.createDirectory(disk.resolve("tablespace"));
        Files.setOwner(
                tablespace,
                Files.getOwner(Path.of(database.texts("SHOW data_directory").getFirst())));
        database.execute(
                "CREATE TABLESPACE small LOCATION '%s'".formatted(tablespace),
                "ALTER DATABASE %s SET default_tablespace = small".formatted(name()));
        return ballast;
    }

    private String name() {
        return database.texts("SELECT current_database()").getFirst();
    }

    private RunnerCommand command(TestingManifest manifest, String table) {
        return RunnerCommand.run(manifest.into("public." + table).write(folder, table + ".yaml"), database.uri());
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0;
    }
}
