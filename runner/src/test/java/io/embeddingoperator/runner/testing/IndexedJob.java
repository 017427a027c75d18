package io.embeddingoperator.runner.testing;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.contract.TerminationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The pods of a run as processes, one after the other. As Kubernetes does, it tries a shard again whose pod was not done; as the
 * operator does, it starts the Job again as long as no pod has read in the sink that the run is complete.
 */
public final class IndexedJob {
    private static final int MOST_ATTEMPTS = 12;

    private final RunnerCommand command;
    private final int shards;
    private final Path folder;

    /**
     * @param command of a pod, without its shard
     * @param folder for the termination messages
     */
    public IndexedJob(RunnerCommand command, int shards, Path folder) {
        this.command = command;
        this.shards = shards;
        this.folder = folder;
    }

    /** @return how often the Job had to start again */
    public int run() {
        for (int restarts = 0; restarts < MOST_ATTEMPTS; restarts++) {
            List<SinkState> read = new ArrayList<>();
            for (int shard = 0; shard < shards; shard++) {
                read.add(end(shard));
            }
            SinkState last = read.stream()
                    .max(Comparator.comparing(state -> Instant.parse(state.readAt())))
                    .orElseThrow();
            if (last.complete()) {
                return restarts;
            }
        }
        throw new AssertionError("the run is not complete after %d starts of its Job".formatted(MOST_ATTEMPTS));
    }

    private SinkState end(int shard) {
        Path message = folder.resolve("last-words-" + shard);
        RunnerCommand pod =
                command.forShard(shard).with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, message.toString());
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            try (RunnerProcess process = pod.execute()) {
                if (process.exitCode() == ExitCode.DONE.code()) {
                    return TerminationMessage.read(Files.readString(message)).sink();
                }
                if (process.exitCode() != ExitCode.TRY_AGAIN.code()) {
                    throw new AssertionError(
                            "shard %d ended with %d:\n%s".formatted(shard, process.exitCode(), process.errors()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new AssertionError("shard %d was not done after %d attempts".formatted(shard, MOST_ATTEMPTS));
    }
}
