package io.embeddingoperator.runner.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A runner that works in a process of its own. The launcher becomes the JVM, so signals reach the runner itself. Closing it
 * kills it when it still lives.
 */
public final class RunnerProcess implements AutoCloseable {
    /** Far beyond what any run of a test takes; only a runner that hangs gets here. */
    private static final int PATIENCE_SECONDS = 420;

    private static final int KILOBYTE = 1024;

    private final Process process;
    private final Path output;
    private final Path errors;
    private final Thread watch = Thread.ofVirtual().unstarted(this::watchMemory);
    private volatile long peakBytes;

    RunnerProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** The same process, whose memory is looked at until its end, for {@link #peakBytes}. */
    public RunnerProcess watchingMemory() {
        watch.start();
        return this;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end. */
    public RunnerProcess await() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                kill();
                throw new AssertionError("the runner did not end; its last words:\n" + errors());
            }
            if (watch.isAlive()) {
                watch.join();
            }
            return this;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until something has happened; fails when the runner ends before, or hangs. */
    public void awaitUntil(String what, BooleanSupplier happened) {
        awaitUntilOrEnd(what, happened);
        if (!process.isAlive() && !happened.getAsBoolean()) {
            throw new AssertionError(
                    "the runner ended with %d before %s:\n%s".formatted(process.exitValue(), what, errors()));
        }
    }

    /** Waits until something has happened or the runner has ended. */
    public void awaitUntilOrEnd(String what, BooleanSupplier happened) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (process.isAlive() && !happened.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("%s never happened:\n%s".formatted(what, errors()));
            }
            pause(20);
        }
    }

    public int exitCode() {
        return process.exitValue();
    }

    /** SIGKILL, as by a node that dies. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** For example TERM, INT, STOP or CONT. */
    public void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("the signal %s found no runner".formatted(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What it has written to its standard output so far. */
    public String output() {
        return read(output);
    }

    /** What it has written to its standard error so far, log lines included. */
    public String errors() {
        return read(errors);
    }

    /** Standard error without log lines, which begin with a time. */
    public List<String> complaints() {
        return errors().lines()
                .filter(line -> !line.matches("\\d\\d:\\d\\d:\\d\\d .*"))
                .toList();
    }

    /** The most memory that was resident while it was watched, in bytes, as the kernel counted it until shortly before the end. */
    public long peakBytes() {
        return peakBytes;
    }

    /** The memory that is resident now, in bytes. */
    public long bytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KILOBYTE)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The time that processors have worked for it. */
    public Duration work() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
        try {
            Files.deleteIfExists(output);
            Files.deleteIfExists(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void watchMemory() {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        while (process.isAlive()) {
            try (Stream<String> lines = Files.lines(status)) {
                lines.filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KILOBYTE)
                        .forEach(bytes -> peakBytes = bytes);
            } catch (IOException | UncheckedIOException e) {
                // The process has just ended.
                return;
            }
            pause(20);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
