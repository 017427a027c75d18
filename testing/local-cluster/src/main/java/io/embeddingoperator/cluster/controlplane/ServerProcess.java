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

    private final ServerCommand command;
    private final Path folder;
    private final Process process;

    private ServerProcess(ServerCommand command, Path folder, Process process) {
        this.command = command;
        this.folder = folder;
        this.process = process;
    }

    /** Starts {@code command} in {@code folder}, which is also its working folder. */
    static ServerProcess start(ServerCommand command, Path folder) {
        try {
            Process process = BoundProcess.start(
                    command.line(),
                    builder -> builder.directory(folder.toFile())
                            .redirectInput(new File("/dev/null"))
                            .redirectErrorStream(true)
                            .redirectOutput(log(command, folder).toFile()));
            return new ServerProcess(command, folder, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Itself while it is alive, otherwise started again. */
    ServerProcess revived() {
        return isAlive() ? this : start(command, folder);
    }

    String name() {
        return command.name();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    boolean hasSaid(String text) {
        return lines().stream().anyMatch(line -> line.contains(text));
    }

    /** What it said last, for the message of an exception. */
    String lastWords() {
        List<String> lines = lines();
        return "The last lines of %s:%n%s"
                .formatted(
                        log(command, folder),
                        String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size())));
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

    private List<String> lines() {
        try {
            // Files.readString would refuse a character that is only half written yet.
            return new String(Files.readAllBytes(log(command, folder)), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path log(ServerCommand command, Path folder) {
        return folder.resolve(command.name() + ".log");
    }
}
