package io.embeddingoperator.cluster.controlplane;

import io.embeddingoperator.cluster.process.BoundProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One running server of the control plane, its output in a log file that is written anew with each start. */
final class ServerProcess {
    private static final int LAST_LINES = 15;

    private final String name;
    private final Path log;
    private final Process process;

    private ServerProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** Starts {@code command} in {@code folder}, which is also its working folder. */
    static ServerProcess start(ServerCommand command, Path folder) {
        Path log = folder.resolve(command.name() + ".log");
        try {
            Process process = BoundProcess.start(
                    command.line(),
                    builder -> builder.directory(folder.toFile())
                            .redirectInput(new File("/dev/null"))
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile()));
            return new ServerProcess(command.name(), log, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    boolean logMentions(String text) {
        return log().stream().anyMatch(line -> line.contains(text));
    }

    /** What it said last, for the message of an exception. */
    String lastWords() {
        List<String> lines = log();
        return "The last lines of %s:%n%s"
                .formatted(log, String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size())));
    }

    /** Asks it to end, without waiting. */
    void terminate() {
        process.destroy();
    }

    /** Waits until it has ended, and kills it when that takes longer than {@code patience}. */
    void awaitEnd(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it at once, as a crash would; gone when this returns. */
    void kill() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> log() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
