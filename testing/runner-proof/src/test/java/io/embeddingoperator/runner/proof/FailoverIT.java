package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.runner.testing.IndexedJob;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.TestingPostgres;
import io.embeddingoperator.runner.testing.Vectors;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A primary is killed in mid-run, and a standby that lacks the last of what it had confirmed takes its place, at random moments:
 * whole shards that had ended may be lost, the index, or the run itself. No document is lost or doubled, and what is said to be
 * complete is.
 */
class FailoverIT {
    /** Twenty with {@code -Dembedding.failovers=20}. */
    private static final int FAILOVERS = Integer.getInteger("embedding.failovers", 4);

    private static final int DOCUMENTS = 4_000;
    private static final int SHARDS = 2;
    private static final String[] SETTINGS = {"fsync=off", "max_wal_size=1GB"};

    @TempDir
    private Path folder;

    private final Random random = seeded();
    private TestingPostgres primary;
    private TestingPostgres standby;
    private TestingDatabase database;

    @Test
    void aStandbyThatLacksTheLastOfARunTakesOverAtAnyMoment() throws Exception {
        primary = TestingPostgres.start(SETTINGS);
        try {
            int windows = windowsOfAnUndisturbedRun();
            int hits = 0;
            for (int attempt = 0; hits < FAILOVERS; attempt++) {
                assertThat(attempt).as("attempts").isLessThan(2 * FAILOVERS + 10);
                hits += failOver(hits % 2 == 0, windows) ? 1 : 0;
            }
        } finally {
            primary.close();
        }
    }

    /**
     * @param pods whether each shard has a process of its own
     * @return whether the primary was killed before the run had ended
     */
    private boolean failOver(boolean pods, int windows) throws Exception {
        database = new TestingDatabase(primary.newDatabase());
        database.createDocuments(DOCUMENTS);
        standby = primary.startStandby(SETTINGS);
        int cut = random.nextInt(windows + 1);
        int kill = cut + random.nextInt(windows + 1 - cut);
        RunnerCommand command = command();
        try (ExecutorService job = Executors.newSingleThreadExecutor()) {
            Future<Integer> restarts =
                    job.submit(() -> pods ? new IndexedJob(command, SHARDS, folder).run() : runAlone(command));
            long known = await(cut, restarts);
            standby.cutOff();
            long confirmed = await(kill, restarts);
            LockSupport.parkNanos(random.nextInt(150) * 1_000_000L);
            boolean hit = !restarts.isDone();
            if (!hit) {
                assertThat(restarts.get()).isNotNegative();
                discardStandby();
                return false;
            }
            primary.killAtOnce();
            standby.promote();
            primary.close();
            primary = standby;
            database = new TestingDatabase(primary.uri().replaceFirst("/embedding$", "/" + name()));
            System.out.printf(
                    "A standby with %d of %d windows took over from a primary with %d; %s, %d restarts%n",
                    known, windows, confirmed, pods ? "a pod a shard" : "one process", restarts.get());
        }
        new Vectors(database, "vectors")
                .holdExactly(DOCUMENTS)
                .areAccountedFor(DOCUMENTS)
                .areIndexed();
        dropDatabase();
        return true;
    }

    /** As a person does: what ended with 75 is run again. */
    private static int runAlone(RunnerCommand command) {
        for (int restarts = 0; restarts < 10; restarts++) {
            try (RunnerProcess runner = command.execute()) {
                if (runner.exitCode() == ExitCode.DONE.code()) {
                    return restarts;
                }
                assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(ExitCode.TRY_AGAIN.code());
            }
        }
        throw new AssertionError("the run is not complete after 10 starts");
    }

    /** Waits until so many windows are committed, or the run is over. @return how many there are */
    private long await(int windows, Future<?> run) {
        while (!run.isDone() && database.committedWindows("vectors") < windows) {
            LockSupport.parkNanos(2_000_000);
        }
        return database.committedWindows("vectors");
    }

    private int windowsOfAnUndisturbedRun() {
        database = new TestingDatabase(primary.newDatabase());
        standby = primary;
        database.createDocuments(DOCUMENTS);
        assertThat(runAlone(command())).isZero();
        int windows = (int) database.counter("vectors", "windows");
        dropDatabase();
        return windows;
    }

    /** Knows both servers, and not which one is the primary. */
    private RunnerCommand command() {
        String servers = database.uri().replaceFirst("/[^/]*$", "") + ","
                + standby.uri().replaceFirst("^.*@", "").replaceFirst("/.*$", "");
        Path manifest = TestingManifest.forTable(TestingModelFolder.fast(folder))
                .shards(SHARDS)
                .indexed()
                .write(folder);
        return RunnerCommand.run(manifest, servers + "/" + name() + "?target_session_attrs=primary&connect_timeout=2");
    }

    private String name() {
        return database.uri().replaceFirst("^.*/", "");
    }

    private void discardStandby() {
        standby.close();
        dropDatabase();
    }

    private void dropDatabase() {
        TestingPostgres.execute(primary.uri(), "DROP DATABASE %s WITH (FORCE)".formatted(name()));
    }

    /** Another seed every time; the same one again with {@code -Dembedding.seed=…}. */
    private static Random seeded() {
        long seed = Long.getLong("embedding.seed", System.nanoTime());
        System.out.printf(
                "The moments of the failovers come from the seed %d: repeat with -Dembedding.seed=%d%n", seed, seed);
        return new Random(seed);
    }
}
