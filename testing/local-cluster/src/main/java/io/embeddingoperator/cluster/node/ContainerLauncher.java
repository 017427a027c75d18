package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From a container's specification to its process, in the kubelet's order: image, configuration, mounts, start.
 *
 * @param volumes the pod's mounted volumes
 * @param nodeVariables what the node tells every container
 * @param folder of the pod's containers while they run
 * @param logs of the pod
 */
record ContainerLauncher(
        Pod pod,
        Images images,
        ContainerEnvironment environment,
        Map<String, PreparedVolume> volumes,
        Map<String, String> nodeVariables,
        ContainerRuntime runtime,
        Path folder,
        Path logs) {
    private static final int WRITABLE_BY_ALL = 0666;

    ContainerProcess launch(Container container, int attempt) throws NotStartedException {
        ProcessImage image = images.program(container.getImage(), container.getImagePullPolicy());
        Map<String, PreparedVolume> mountable = withImageVolumes(container);
        Map<String, String> variables = environment.resolve(container, image, nodeVariables);
        List<String> command = ContainerCommand.of(container, image, variables);
        Privileges privileges = privileges(container);
        try {
            Path message = terminationLog(container);
            FileTree.write(message, new byte[0], WRITABLE_BY_ALL);
            MountPlan mounts = MountPlan.of(container, mountable, message, image);
            String workingFolder =
                    Optional.ofNullable(container.getWorkingDir()).orElse("/");
            return runtime.start(new ContainerLaunch(
                    command, variables, workingFolder, privileges, mounts, folder(container), log(container, attempt)));
        } catch (IOException failure) {
            throw new UncheckedIOException("container " + container.getName() + ": " + failure.getMessage(), failure);
        } catch (IllegalArgumentException refused) {
            throw new NotStartedException("CreateContainerError", refused.getMessage());
        }
    }

    Path log(Container container, int attempt) {
        return logs.resolve(container.getName()).resolve(attempt + ".log");
    }

    Path terminationLog(Container container) {
        return folder(container).resolve("termination-log");
    }

    private Path folder(Container container) {
        return folder.resolve(container.getName());
    }

    private Privileges privileges(Container container) throws NotStartedException {
        Privileges privileges = Privileges.of(pod, container);
        if (privileges.mustNotBeRoot() && privileges.user() == 0) {
            var metadata = pod.getMetadata();
            throw NotStartedException.config("container has runAsNonRoot and image will run as root (pod: \""
                    + metadata.getName() + "_" + metadata.getNamespace() + "(" + metadata.getUid()
                    + ")\", container: " + container.getName() + ")");
        }
        return privileges;
    }

    private Map<String, PreparedVolume> withImageVolumes(Container container) throws NotStartedException {
        Map<String, PreparedVolume> all = new LinkedHashMap<>(volumes);
        for (Volume volume : pod.getSpec().getVolumes()) {
            boolean mounted = container.getVolumeMounts().stream()
                    .anyMatch(mount -> mount.getName().equals(volume.getName()));
            if (volume.getImage() != null && mounted) {
                var source = volume.getImage();
                Path content = images.content(source.getReference(), source.getPullPolicy());
                all.put(volume.getName(), new PreparedVolume(content, true));
            }
        }
        return all;
    }
}
