package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every shard in a process of its own, as the pods of an Indexed Job run them. */
class IndexedJobIT {
    private static final int DOCUMENTS = 10_000;
    private static final int SHARDS = 4;

    private static final String LOSE_SHARD_0 = """
            UPDATE embedding_operator.shards SET completed_at = NULL, checkpoint = NULL, windows = 0, work = 0,
              embedded = 0, chunks = 0, tokens = 0 WHERE shard = 0""";

    /** The ranges of two shards meet in the middle of the keys. */
    private static final String LOSE_ITS_ROWS = "DELETE FROM vectors WHERE id <= " + DOCUMENTS / 2;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void shardsThatStartTogetherShareOnePlanAndTheLastOneBuildsTheIndex() {
        // given
        database.createDocuments(DOCUMENTS);
        RunnerCommand command = RunnerCommand.run(manifest().write(folder), database.uri());

        // when
        List<RunnerProcess> pods = IntStream.range(0, SHARDS)
                .mapToObj(shard -> command.forShard(shard).start())
                .toList();
        try {
            pods.forEach(RunnerProcess::await);

            // then
            assertThat(pods)
                    .allSatisfy(
                            pod -> assertThat(pod.exitCode()).as(pod.errors()).isZero());
            new Vectors(database, "vectors")
                    .holdExactly(DOCUMENTS)
                    .areAccountedFor(DOCUMENTS)
                    .areIndexed();
            assertThat(database.counter("vectors", "embedded")).isEqualTo(DOCUMENTS);
            assertThat(database.number("SELECT count(*) FROM embedding_operator.runs"))
                    .isEqualTo(1);
        } finally {
            pods.forEach(RunnerProcess::close);
        }
    }

    @Test
    void eachTellsOfTheWholeRunAndTheLastOneOfAllOfIt() throws IOException {
        // given
        database.createDocuments(DOCUMENTS);
        RunnerCommand command = RunnerCommand.run(manifest().write(folder), database.uri());

        // when
        List<Progress> lastWords = new ArrayList<>();
        for (int shard = SHARDS - 1; shard >= 0; shard--) {
            Path file = folder.resolve("last-words-" + shard);
            try (RunnerProcess pod = command.forShard(shard)
                    .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, file.toString())
                    .execute()) {
                assertThat(pod.exitCode()).as(pod.errors()).isZero();
            }
            lastWords.add(TerminationMessage.read(Files.readString(file)));
        }

        // then
        assertThat(lastWords).extracting(said -> said.whole().completeShards()).containsExactly(1, 2, 3, 4);
        assertThat(lastWords)
                .extracting(said -> said.whole().counts().embedded())
                .isSorted()
                .endsWith((long) DOCUMENTS)
                .doesNotHaveDuplicates();
        assertThat(lastWords).extracting(said -> said.sink().completeShards()).containsExactly(1, 2, 3, 4);
        assertThat(lastWords).extracting(said -> said.sink().complete()).containsExactly(false, false, false, true);
        Progress last = lastWords.getLast();
        assertThat(last.committed().documents().embedded()).isLessThan(DOCUMENTS);
        assertThat(last.whole().counts().work()).isEqualTo(DOCUMENTS);
        assertThat(last.whole().counts().chunks()).isEqualTo(database.counter("vectors", "chunks"));
        assertThat(last.whole().counts().tokens()).isEqualTo(database.counter("vectors", "tokens"));
    }

    @Test
    void onlyTheSinkSaysThatARunIsComplete() throws IOException {
        // given a run whose first shard has ended
        database.createDocuments(DOCUMENTS);
        RunnerCommand command = RunnerCommand.run(manifest().shards(2).write(folder), database.uri());
        assertThat(end(command, 0).completeShards()).isEqualTo(1);

        // when a standby takes over that never heard of that shard, and the other pod ends
        database.execute(LOSE_SHARD_0, LOSE_ITS_ROWS);
        SinkState afterTheLoss = end(command, 1);

        // then nothing says that the run is complete
        assertThat(afterTheLoss.complete()).isFalse();
        assertThat(afterTheLoss.completeShards()).isEqualTo(1);
        assertThat(afterTheLoss.shards()).isEqualTo(2);
        assertThat(database.number("SELECT count(completed_at) FROM embedding_operator.runs"))
                .isZero();

        // when the pods start again, as the operator has them
        SinkState first = end(command, 0);
        SinkState second = end(command, 1);

        // then the last one that has something to do finishes the run, and every later one reads that
        assertThat(first.complete()).isTrue();
        assertThat(second.complete()).isTrue();
        assertThat(Instant.parse(second.readAt())).isAfter(Instant.parse(first.readAt()));
        new Vectors(database, "vectors")
                .holdExactly(DOCUMENTS)
                .areAccountedFor(DOCUMENTS)
                .areIndexed();
    }

    @Test
    void aProcessWithAllShardsDoesWhatWasLostWhileItFinished() {
        // given
        database.createDocuments(DOCUMENTS);
        RunnerCommand command = RunnerCommand.run(manifest().shards(2).write(folder), database.uri());

        // when its database loses the first shard in the moment in which the run is marked as complete
        try (RunnerProcess runner = command.start()) {
            runner.awaitUntil("a window was committed", () -> database.committedWindows("vectors") > 0);
            database.execute(
                    "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; %s; RETURN NULL; END $$"
                            .formatted(LOSE_SHARD_0, LOSE_ITS_ROWS),
                    """
                    CREATE TRIGGER lose AFTER UPDATE OF completed_at ON embedding_operator.runs
                    FOR EACH ROW WHEN (OLD.completed_at IS NULL) EXECUTE FUNCTION lose()""");
            runner.await();

            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(runner.errors()).contains("lost a part of it: what it lost is done again");
        }
        new Vectors(database, "vectors")
                .holdExactly(DOCUMENTS)
                .areAccountedFor(DOCUMENTS)
                .areIndexed();
    }

    /** What a pod read in the sink when it had ended well. */
    private SinkState end(RunnerCommand command, int shard) throws IOException {
        Path file = folder.resolve("last-words-" + shard);
        try (RunnerProcess pod = command.forShard(shard)
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, file.toString())
                .execute()) {
            assertThat(pod.exitCode()).as(pod.errors()).isZero();
        }
        return TerminationMessage.read(Files.readString(file)).sink();
    }

    @Test
    void aPodBeyondThePlanHasNothingToDoAndSaysSo() {
        // given
        database.createDocuments(2);
        RunnerCommand command = RunnerCommand.run(manifest().write(folder), database.uri());

        // when
        try (RunnerProcess pod = command.forShard(3).execute()) {
            // then
            assertThat(pod.exitCode()).as(pod.errors()).isZero();
            assertThat(pod.output().lines())
                    .endsWith("shard 3 has nothing to do: the source was divided into 2 shards, from 0");
        }
        assertThat(database.counter("vectors", "embedded")).isZero();
    }

    private TestingManifest manifest() {
        return TestingManifest.forTable(TestingModelFolder.fast(folder))
                .shards(SHARDS)
                .indexed();
    }
}
