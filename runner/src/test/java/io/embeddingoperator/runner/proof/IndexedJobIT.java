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
import io.embeddingoperator.runner.testing.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every shard in a process of its own, as the pods of an Indexed Job run them. */
class IndexedJobIT {
    private static final int DOCUMENTS = 10_000;
    private static final int SHARDS = 4;

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
                .extracting(said -> said.whole().embedded())
                .isSorted()
                .endsWith((long) DOCUMENTS)
                .doesNotHaveDuplicates();
        Progress last = lastWords.getLast();
        assertThat(last.documents().embedded()).isLessThan(DOCUMENTS);
        assertThat(last.whole().work()).isEqualTo(DOCUMENTS);
        assertThat(last.whole().chunks()).isEqualTo(database.counter("vectors", "chunks"));
        assertThat(last.whole().tokens()).isEqualTo(database.counter("vectors", "tokens"));
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
