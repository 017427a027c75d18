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
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kubernetes may run an index twice for a while: the newer pod wins, and the older one does no harm. */
class TakeoverIT {
    private static final int DOCUMENTS = 10_000;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private RunnerCommand shard;

    @BeforeEach
    void undisturbedRun() {
        database.createDocuments(DOCUMENTS);
        TestingManifest manifest = TestingManifest.forTable(TestingModelFolder.fast(folder));
        try (RunnerProcess runner = command(manifest, "undisturbed").execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
        }
        shard = command(manifest, "vectors").forShard(0);
    }

    @Test
    void ofTwoRunnersOfOneShardTheNewerOneFinishesItAndTheOlderOneStops() {
        try (RunnerProcess older = shard.start()) {
            // given: the older one waits while the newer one starts, so that both are at work at once
            older.awaitUntil("two windows were committed", () -> database.committedWindows("vectors") >= 2);
            older.signal("STOP");
            long epoch = database.counter("vectors", "epoch");
            try (RunnerProcess newer = shard.start()) {
                newer.awaitUntil("it had taken the shard", () -> database.counter("vectors", "epoch") > epoch);

                // when
                older.signal("CONT");
                older.await();
                newer.await();

                // then
                assertThat(newer.exitCode()).as(newer.errors()).isZero();
                assertTakenOver(older);
                assertExact();
            }
        }
    }

    @Test
    void aRunnerThatFrozeAndWakesAfterItsShardWasFinishedByAnotherWritesNothingMore() {
        try (RunnerProcess frozen = shard.start()) {
            // given
            frozen.awaitUntil("two windows were committed", () -> database.committedWindows("vectors") >= 2);
            frozen.signal("STOP");
            try (RunnerProcess newer = shard.execute()) {
                assertThat(newer.exitCode()).as(newer.errors()).isZero();
            }
            List<String> before = writtenRows();

            // when
            frozen.signal("CONT");
            frozen.await();

            // then
            assertTakenOver(frozen);
            assertThat(writtenRows()).isEqualTo(before);
            assertExact();
        }
    }

    @Test
    void aRunnerThatFrozeWithinATransactionDoesNotHoldItsShardForEver() throws SQLException {
        try (RunnerProcess frozen = shard.start();
                Connection blocker = TestingPostgres.connect(database.uri());
                Statement statement = blocker.createStatement()) {
            // given
            frozen.awaitUntil("a window was committed", () -> database.committedWindows("vectors") >= 1);
            blocker.setAutoCommit(false);
            statement.execute("LOCK TABLE vectors IN SHARE MODE");
            frozen.awaitUntil(
                    "it waited in a window's transaction",
                    () -> database.number("SELECT count(*) FROM pg_locks WHERE NOT granted"
                                    + " AND relation = 'vectors'::regclass")
                            > 0);
            frozen.signal("STOP");
            blocker.rollback();

            // when
            try (RunnerProcess newer = shard.execute()) {
                assertThat(newer.exitCode()).as(newer.errors()).isZero();
            }
            frozen.signal("CONT");
            frozen.await();

            // then
            assertTakenOver(frozen);
            assertExact();
        }
    }

    private static void assertTakenOver(RunnerProcess runner) {
        assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(75);
        assertThat(runner.complaints())
                .containsExactly("embedding-runner: shard 0 was taken over by another runner:"
                        + " this one wrote nothing more and stops");
    }

    private void assertExact() {
        new Vectors(database, "vectors")
                .holdExactly(DOCUMENTS)
                .equal("undisturbed")
                .areAccountedFor(DOCUMENTS);
        assertThat(database.counter("vectors", "embedded")).isEqualTo(DOCUMENTS);
    }

    private List<String> writtenRows() {
        return database.texts("SELECT id || ' ' || chunk || ' ' || embedded_at FROM vectors ORDER BY id, chunk");
    }

    private RunnerCommand command(TestingManifest manifest, String table) {
        return RunnerCommand.run(manifest.into("public." + table).write(folder, table + ".yaml"), database.uri());
    }
}
