package io.embeddingoperator.cluster.node;

import io.embeddingoperator.cluster.process.BoundProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts processes in mount and PID namespaces of their own, with util-linux alone and as any user: without root inside a
 * user namespace. However this JVM ends, the kernel kills them with it, and no mount of theirs outlives them.
 */
final class ContainerRuntime {
    private static final String SCRIPT = "container-root.sh";

    /** Its one child is the first process of the new PID namespace; a shell says by which signal that ended. */
    private static final String PARENT = "exec 3>&2 2>/dev/null; \"$@\" 2>&3 3>&-; exit $?";

    private final Path script;

    private ContainerRuntime(Path script) {
        this.script = script;
    }

    /**
     * A runtime that keeps what it needs in the folder.
     *
     * @throws IllegalStateException when this machine does not let this user make namespaces, with what to do
     */
    static ContainerRuntime in(Path folder) {
        Path script = folder.resolve(SCRIPT);
        try (InputStream resource = ContainerRuntime.class.getResourceAsStream(SCRIPT)) {
            Files.createDirectories(folder);
            Files.copy(resource, script, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new UncheckedIOException("a node cannot write to its folder " + folder, failure);
        }
        var runtime = new ContainerRuntime(script);
        runtime.check(folder.resolve("check"));
        return runtime;
    }

    /** Starts a container's process; returns when the process runs or has failed to. */
    ContainerProcess start(ContainerLaunch launch) throws IOException {
        FileTree.delete(launch.layers());
        Files.createDirectories(launch.layers());
        Files.createDirectories(launch.log().getParent());
        Files.writeString(launch.plan(), launch.mounts().text());
        Files.deleteIfExists(launch.started());
        Process process = BoundProcess.start(command(launch), builder -> {
            builder.redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(launch.log().toFile());
            builder.environment().clear();
            builder.environment().putAll(launch.variables());
        });
        return ContainerProcess.awaitStart(process, launch);
    }

    private List<String> command(ContainerLaunch launch) {
        List<String> command = new ArrayList<>(List.of("/usr/bin/unshare"));
        if (!FileTree.ROOT) {
            command.addAll(List.of("--user", "--map-root-user"));
        }
        command.addAll(List.of("--mount", "--pid", "--", "/bin/bash", "-pc", PARENT, "parent"));
        command.addAll(List.of(
                "/usr/bin/setpriv",
                "--pdeathsig",
                "KILL",
                "/bin/bash",
                "-p",
                script.toString(),
                launch.layers().toString(),
                Boolean.toString(launch.privileges().writableRoot()),
                launch.plan().toString(),
                launch.started().toString(),
                launch.privileges().options(FileTree.ROOT),
                launch.workingFolder()));
        command.addAll(launch.command());
        return command;
    }

    private void check(Path folder) {
        var launch = new ContainerLaunch(
                List.of("true"),
                Map.of("PATH", "/usr/bin:/bin"),
                "/",
                new Privileges(0, 0, List.of(), false, false, List.of(), false),
                new MountPlan(List.of()),
                folder,
                folder.resolve("log"));
        try {
            ContainerProcess.Exit exit = start(launch).exit().join();
            if (exit.code() != 0) {
                throw new IllegalStateException(
                        "A node needs mount namespaces and overlayfs, which this machine does not"
                                + " let this user have: run as root, or allow user namespaces (sysctl"
                                + " kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu). It said: "
                                + Files.readString(launch.log()).strip());
            }
            FileTree.delete(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "A node needs setpriv and unshare of util-linux, and bash: " + failure.getMessage(), failure);
        }
    }
}
