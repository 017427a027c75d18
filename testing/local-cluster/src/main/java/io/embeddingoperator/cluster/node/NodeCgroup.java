package io.embeddingoperator.cluster.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the kernel counts and limits of a node, with all of its pods below it.
 *
 * @param name of the cgroup, in every hierarchy of cgroup v1 or in the only one of cgroup v2
 */
record NodeCgroup(String name) {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final boolean V2 = Files.exists(ROOT.resolve("cgroup.controllers"));

    /** Below the memory that a container has, so that the next page that it asks for is too much. */
    private static final int LITTLE = 1 << 20;

    void freeze() {
        if (V2) {
            write(hierarchy("freezer").resolve("cgroup.freeze"), "1");
        } else {
            write(hierarchy("freezer").resolve("freezer.state"), "FROZEN");
        }
    }

    void thaw() {
        if (V2) {
            write(hierarchy("freezer").resolve("cgroup.freeze"), "0");
        } else {
            write(hierarchy("freezer").resolve("freezer.state"), "THAWED");
        }
    }

    /** SIGKILL to all processes of a container. */
    void kill(String container) {
        for (String process : lines(container("pids", container).resolve("cgroup.procs"))) {
            ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** Leaves a container no memory beyond what it has; its next page is too much for the kernel. */
    void exhaustMemory(String container) {
        Path folder = container("memory", container);
        if (V2) {
            write(folder.resolve("memory.max"), "0");
            return;
        }
        String used = lines(folder.resolve("memory.usage_in_bytes")).getFirst();
        write(folder.resolve("memory.limit_in_bytes"), Long.toString(Long.parseLong(used) + LITTLE));
        // A process beside the container's asks for more than is left; the kernel kills the container's, which it was
        // told to prefer.
        try {
            new ProcessBuilder(
                            "bash",
                            "-c",
                            "echo $$ >\"$0\" && exec tail /dev/zero",
                            folder.resolve("cgroup.procs").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path hierarchy(String controller) {
        return V2 ? ROOT.resolve(name) : ROOT.resolve(controller).resolve(name);
    }

    private Path container(String controller, String container) {
        try (Stream<Path> folders = Files.walk(hierarchy(controller))) {
            return folders.filter(folder -> folder.endsWith(container))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "the container %s does not run on the node of cgroup %s".formatted(container, name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
