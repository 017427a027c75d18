package io.embeddingoperator.runner.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** A control group with a limit on memory, as a container has one. Making it takes the rights of root. */
public final class TestingControlGroup implements AutoCloseable {
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup");
    private static final Path FIRST = UNIFIED.resolve("memory");

    private final Path folder;

    private TestingControlGroup(Path folder) {
        this.folder = folder;
    }

    /** Empty where this process may not make one. */
    public static Optional<TestingControlGroup> ofMemory(long mebibytes) {
        return Files.exists(FIRST.resolve("memory.limit_in_bytes"))
                ? make(FIRST, "memory.limit_in_bytes", mebibytes)
                : make(UNIFIED, "memory.max", mebibytes);
    }

    private static Optional<TestingControlGroup> make(Path parent, String limit, long mebibytes) {
        Path folder = parent.resolve("embedding-runner-" + UUID.randomUUID());
        try {
            Files.createDirectory(folder);
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            Files.writeString(folder.resolve(limit), Long.toString(mebibytes << 20));
            return Optional.of(new TestingControlGroup(folder));
        } catch (IOException e) {
            folder.toFile().delete();
            return Optional.empty();
        }
    }

    /** In front of a command line: the process enters the group and becomes the command. */
    List<String> prefix() {
        return List.of(
                "bash",
                "-c",
                "echo $$ > \"$0\" && exec \"$@\"",
                folder.resolve("cgroup.procs").toString());
    }

    /** Ends what is left in the group. */
    @Override
    public void close() {
        try (Stream<String> processes = Files.lines(folder.resolve("cgroup.procs"))) {
            processes
                    .map(Long::parseLong)
                    .flatMap(id -> ProcessHandle.of(id).stream())
                    .forEach(process -> {
                        process.destroyForcibly();
                        process.onExit().join();
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        folder.toFile().delete();
    }
}
