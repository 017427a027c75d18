package io.embeddingoperator.cluster.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All that a container's process needs to start.
 *
 * @param command program and arguments
 * @param variables the whole environment
 * @param workingFolder as the container sees it
 * @param folder where the runtime keeps what belongs to this container while it runs
 * @param log the file that takes its output
 */
record ContainerLaunch(
        List<String> command,
        Map<String, String> variables,
        String workingFolder,
        Privileges privileges,
        MountPlan mounts,
        Path folder,
        Path log) {
    ContainerLaunch {
        command = List.copyOf(command);
        variables = Map.copyOf(variables);
    }

    Path layers() {
        return folder.resolve("layers");
    }

    Path plan() {
        return folder.resolve("mounts");
    }

    Path started() {
        return folder.resolve("started");
    }

    @Override
    public String toString() {
        return "launch of " + command.getFirst(); // never the variables: some are secret
    }
}
