package io.embeddingoperator.cluster.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A container's process. It is the first process of its PID namespace, as in a real container: a signal that it does not
 * handle is ignored, except SIGKILL, and all that it started ends with it.
 */
final class ContainerProcess {
    private static final int NOT_STARTED = 128;
    private static final Duration LOOK = Duration.ofMillis(5);

    /**
     * How a process ended.
     *
     * @param code its exit code, or 128 + the signal that ended it
     * @param reason the kubelet's: Completed, Error, OOMKilled, or StartError for a program that could not be started
     */
    record Exit(int code, String reason, Instant at) {}

    private final Process process;
    private final ProcessHandle first;
    private final Instant startedAt;
    private final CompletableFuture<Exit> exit;
    private volatile boolean outOfMemory;

    private ContainerProcess(Process process, Optional<ProcessHandle> first, boolean started) {
        this.process = process;
        this.first = first.orElse(process.toHandle());
        this.startedAt = Instant.now();
        this.exit = process.onExit().thenApply(ended -> exit(ended.exitValue(), started));
    }

    static ContainerProcess awaitStart(Process process, ContainerLaunch launch) throws IOException {
        boolean started = hasStarted(launch.started());
        while (!started && process.isAlive()) {
            pause();
            started = hasStarted(launch.started());
        }
        return new ContainerProcess(process, process.children().findFirst(), hasStarted(launch.started()));
    }

    private static boolean hasStarted(Path marker) throws IOException {
        return Files.exists(marker) && Files.size(marker) > 0;
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a container started", interrupted);
        }
    }

    private Exit exit(int code, boolean started) {
        if (!started) {
            return new Exit(NOT_STARTED, "StartError", Instant.now());
        }
        String failure = outOfMemory ? "OOMKilled" : "Error";
        return new Exit(code, code == 0 ? "Completed" : failure, Instant.now());
    }

    Instant startedAt() {
        return startedAt;
    }

    CompletableFuture<Exit> exit() {
        return exit;
    }

    boolean exitsWithin(Duration time) throws InterruptedException {
        try {
            exit.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException tooLong) {
            return false;
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** SIGTERM, for the process to end by itself. */
    void terminate() {
        first.destroy();
    }

    /** SIGKILL. */
    void kill() {
        first.destroyForcibly();
        if (!first.isAlive()) {
            process.destroyForcibly();
        }
    }

    /** SIGSTOP: the container gets no time any more, and notices nothing. */
    void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        List<String> kill = new ArrayList<>(List.of("kill", "-" + name));
        Stream.concat(Stream.of(first), first.descendants())
                .map(running -> Long.toString(running.pid()))
                .forEach(kill::add);
        try {
            // It also fails for a process that has ended meanwhile, which is no failure.
            new ProcessBuilder(kill)
                    .redirectError(Redirect.DISCARD)
                    .start()
                    .onExit()
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL, as the kernel does it when a container's memory is used up. */
    void killForMemory() {
        outOfMemory = true;
        kill();
    }
}
