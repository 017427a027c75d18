package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.Vectors;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table that is searched all the time gets the vectors of another model. */
class ChangeOfModelIT {
    private static final int DOCUMENTS = 6_000;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void everySearchFindsOneModelWhileRunnersAreKilled() throws Exception {
        // given
        database.createDocuments(DOCUMENTS);
        TestingManifest former = TestingManifest.forTable(TestingModelFolder.fast(folder))
                .shards(2)
                .indexed();
        runToTheEnd(command(former, "vectors"));
        database.execute("CREATE TABLE former AS SELECT id, chunk, embedding FROM vectors");
        TestingManifest next = former.with("spec.embedder.onnx.prefix", "a house: ");
        runToTheEnd(command(next, "undisturbed"));
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService searching = Executors.newSingleThreadExecutor()) {
            Future<Integer> exchanges = searching.submit(() -> search(over));

            // when
            RunnerCommand swapping = command(next.with("spec.sink.pgvector.replacement", "Swap"), "vectors");
            for (int committed : new int[] {0, 2, 5}) {
                try (RunnerProcess runner = swapping.start()) {
                    runner.awaitUntil(
                            "%d windows were committed".formatted(committed + 1),
                            () -> database.committedWindows("vectors_next") > committed);
                    runner.kill();
                }
            }
            try (RunnerProcess runner = swapping.start()) {
                runner.awaitUntilOrEnd("the index was begun", database::isBuildingIndex);
                runner.kill();
            }
            runToTheEnd(swapping);

            // then
            TimeUnit.SECONDS.sleep(1);
            over.set(true);
            assertThat(exchanges.get())
                    .as("how often a search found another model than the search before")
                    .isEqualTo(1);
        }
        new Vectors(database, "vectors")
                .holdExactly(DOCUMENTS)
                .equal("undisturbed")
                .areIndexed();
        assertThat(database.number("SELECT count(*) FROM vectors_before JOIN former USING (id, chunk, embedding)"))
                .isEqualTo(database.number("SELECT count(*) FROM former"));
    }

    /** Fails where a search finds vectors of both models. */
    private int search(AtomicBoolean over) {
        int changes = 0;
        long before = 1;
        while (!over.get()) {
            long former = database.number(
                    "SELECT count(DISTINCT v.embedding = f.embedding)"
                            + " * 2 - (bool_or(v.embedding = f.embedding))::int FROM vectors v JOIN former f USING (id, chunk)");
            assertThat(former)
                    .as("1 for the former model, 2 for the next one, and nothing else")
                    .isBetween(1L, 2L);
            changes += former == before ? 0 : 1;
            before = former;
        }
        return changes;
    }

    private void runToTheEnd(RunnerCommand command) {
        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
    }

    private RunnerCommand command(TestingManifest manifest, String table) {
        return RunnerCommand.run(manifest.into("public." + table).write(folder, table + ".yaml"), database.uri());
    }
}
