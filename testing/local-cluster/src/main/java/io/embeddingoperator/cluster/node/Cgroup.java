package io.embeddingoperator.cluster.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel counts and limits together: a node with all of its pods, or one container of them.
 *
 * @param name of the cgroup, in every hierarchy of cgroup v1 or in the only one of cgroup v2
 */
record Cgroup(String name) {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final boolean V2 = Files.exists(ROOT.resolve("cgroup.controllers"));
    private static final String PROCESSES = "cgroup.procs";

    /** More than a container needs in the moment in which it still runs. */
    private static final long SPARE_BYTES = 16 << 20;

    /** Joins the cgroup whose list of processes is $0, and takes memory until the kernel kills it. */
    private static final String TAKE_MEMORY = "echo $BASHPID >\"$0\" && tail -n 1 /dev/zero";

    /** One below it. */
    Cgroup child(String path) {
        return new Cgroup(name + "/" + path);
    }

    void freeze() {
        if (V2) {
            write(folder("").resolve("cgroup.freeze"), "1");
        } else {
            write(folder("freezer").resolve("freezer.state"), "FROZEN");
        }
    }

    void thaw() {
        if (V2) {
            write(folder("").resolve("cgroup.freeze"), "0");
        } else {
            write(folder("freezer").resolve("freezer.state"), "THAWED");
        }
    }

    /** SIGKILL to each of its processes; none is left where it has ended already. */
    void kill() {
        for (String process : read(folder("memory").resolve(PROCESSES))) {
            ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** Leaves it too little memory: the kernel kills, of its processes, the one that it was told to choose first. */
    void exhaustMemory() {
        if (V2) {
            write(folder("").resolve("memory.max"), "0");
            return;
        }
        Path memory = folder("memory");
        for (String used : read(memory.resolve("memory.usage_in_bytes"))) {
            // A limit alone kills no process before one of them asks for more.
            write(memory.resolve("memory.limit_in_bytes"), Long.toString(Long.parseLong(used) + SPARE_BYTES));
            takeMemory(memory.resolve(PROCESSES));
        }
    }

    private static void takeMemory(Path processes) {
        try {
            new ProcessBuilder("bash", "-c", TAKE_MEMORY, processes.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while memory was taken", e);
        }
    }

    /** @param hierarchy of cgroup v1 */
    private Path folder(String hierarchy) {
        return V2 ? ROOT.resolve(name) : ROOT.resolve(hierarchy).resolve(name);
    }

    /** The lines of a file; none when the cgroup has gone. */
    private static List<String> read(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException gone) {
            // There is no such file then, or the kernel answers ENODEV in the very moment.
            return List.of();
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
