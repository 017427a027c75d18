package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.Vectors;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A runner may die at any moment, as often as it likes. */
class KillIT {
    private static final int DOCUMENTS = 20_000;
    private static final int KILLS_WHILE_PLANNING = 4;
    private static final int KILLS_WHILE_EMBEDDING = 15;
    private static final int KILLS_WHILE_INDEXING = 1;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void twentyKillsAtRandomMomentsLoseNothingDoubleNothingAndChangeNoBit() throws InterruptedException {
        // given
        Random random = seeded();
        database.createDocuments(DOCUMENTS);
        TestingManifest manifest = TestingManifest.forTable(TestingModelFolder.fast(folder))
                .shards(4)
                .indexed();
        runToTheEnd(command(manifest, "undisturbed"));
        int windows = (int) database.counter("undisturbed", "windows");
        List<Integer> windowsBeforeKill = random.ints(KILLS_WHILE_EMBEDDING, 0, windows - 1)
                .sorted()
                .boxed()
                .toList();

        // when
        RunnerCommand killed = command(manifest, "killed");
        for (int kill = 0; kill < KILLS_WHILE_PLANNING; kill++) {
            try (RunnerProcess runner = killed.start()) {
                killAfter(random.nextInt(1_500), runner);
            }
        }
        for (int committed : windowsBeforeKill) {
            try (RunnerProcess runner = killed.start()) {
                runner.awaitUntil(
                        "%d windows were committed".formatted(committed + 1),
                        () -> database.committedWindows("killed") > committed);
                killAfter(random.nextInt(100), runner);
            }
        }
        for (int kill = 0; kill < KILLS_WHILE_INDEXING; kill++) {
            try (RunnerProcess runner = killed.start()) {
                runner.awaitUntil("the index was begun", database::isBuildingIndex);
                killAfter(random.nextInt(200), runner);
            }
        }
        runToTheEnd(killed);

        // then
        new Vectors(database, "killed")
                .holdExactly(DOCUMENTS)
                .equal("undisturbed")
                .areAccountedFor(DOCUMENTS)
                .areIndexed();
        assertThat(database.counter("killed", "embedded")).isEqualTo(DOCUMENTS);
        assertThat(database.counter("killed", "tokens")).isEqualTo(database.counter("undisturbed", "tokens"));
        assertThat(database.counter("killed", "windows")).isEqualTo(windows);
        assertThat(database.number("SELECT count(*) FROM embedding_operator.runs WHERE sink_table = 'public.killed'"))
                .as("plans: the first process made the only one")
                .isEqualTo(1);
    }

    private static void killAfter(int millis, RunnerProcess runner) throws InterruptedException {
        Thread.sleep(millis);
        assertThat(runner.isAlive()).as("whether the kill hit").isTrue();
        runner.kill();
    }

    private void runToTheEnd(RunnerCommand command) {
        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
    }

    private RunnerCommand command(TestingManifest manifest, String table) {
        return RunnerCommand.run(manifest.into("public." + table).write(folder, table + ".yaml"), database.uri());
    }

    /** Another seed every time; the same one again with {@code -Dembedding.seed=…}. */
    private static Random seeded() {
        long seed = Long.getLong("embedding.seed", System.nanoTime());
        System.out.printf(
                "The moments of the kills come from the seed %d: repeat with -Dembedding.seed=%d%n", seed, seed);
        return new Random(seed);
    }
}
