package io.embeddingoperator.runner.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * The caches of loaded classes with which the launcher starts the packaged application in half of the processor time; the tests
 * start it some hundred times. A run with a model in the runner makes the one, a run with a model that is served elsewhere the
 * other, whenever the application is newer.
 */
final class ApplicationCaches {
    private static final int DOCUMENTS = 60;
    private static boolean areMade;

    private ApplicationCaches() {}

    /** Makes what is missing or too old. The runs that do it come back here, and go on. */
    static synchronized void ensure(Path application) {
        if (areMade) {
            return;
        }
        areMade = true;
        // Of two processes that test the same application, the second waits until the first has made them.
        try (FileChannel file = FileChannel.open(
                        application.resolveSibling("caches.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock _ = file.lock()) {
            make(application);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void make(Path application) throws IOException {
        File inRunner = application.resolve("caches/java.aot").toFile();
        File elsewhere = application.resolve("caches/openai.aot").toFile();
        if (Math.min(inRunner.lastModified(), elsewhere.lastModified()) > newestJar(application)) {
            return;
        }
        Files.createDirectories(application.resolve("caches"));
        Files.deleteIfExists(inRunner.toPath());
        Files.deleteIfExists(elsewhere.toPath());
        Path folder = Files.createDirectories(application.resolveSibling("training"));
        trainInRunner(inRunner, folder);
        trainElsewhere(elsewhere, folder);
    }

    private static void trainInRunner(File cache, Path folder) {
        TestingDatabase database = TestingDatabase.create();
        database.createDocuments(DOCUMENTS);
        Path manifest =
                TestingManifest.forTable(TestingModelFolder.fast(folder)).write(folder);
        try (RunnerProcess run = RunnerCommand.run(manifest, database.uri())
                .with(RunnerCommand.JAVA_OPTIONS, output(cache))
                .execute()) {
            assertThat(run.exitCode()).as(run.errors()).isZero();
        }
    }

    private static void trainElsewhere(File cache, Path folder) {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(DOCUMENTS)) {
            job.javaOptions(TestingBatchJob.HASTE + " " + output(cache)).runToTheEnd();
        }
    }

    private static String output(File cache) {
        return "-XX:AOTCacheOutput=%s -Xlog:aot*=off".formatted(cache);
    }

    private static long newestJar(Path application) {
        try (Stream<Path> jars = Files.list(application.resolve("lib"))) {
            return jars.mapToLong(jar -> jar.toFile().lastModified()).max().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
