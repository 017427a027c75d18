package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The mounts of one container, parents before what lies below them. */
record MountPlan(List<Mount> mounts) {
    MountPlan {
        mounts = mounts.stream()
                .sorted(Comparator.comparingInt(mount -> mount.target().getNameCount()))
                .toList();
    }

    /**
     * The container's volume mounts and its termination log, over the programs of its image.
     *
     * @param volumes the pod's volumes that are ready, by name
     * @param terminationLog the file that the container finds at its terminationMessagePath
     */
    static MountPlan of(
            Container container, Map<String, PreparedVolume> volumes, Path terminationLog, ProcessImage image)
            throws NotStartedException {
        List<Mount> mounts = new ArrayList<>(reachable(image));
        for (VolumeMount volumeMount : container.getVolumeMounts()) {
            mounts.add(mount(volumeMount, volumes));
        }
        String messagePath =
                Optional.ofNullable(container.getTerminationMessagePath()).orElse("/dev/termination-log");
        mounts.add(new Mount(Mount.Mode.READ_WRITE, terminationLog, Path.of(messagePath)));
        return new MountPlan(mounts);
    }

    String text() {
        return mounts.stream().map(Mount::line).collect(Collectors.joining());
    }

    private static Mount mount(VolumeMount volumeMount, Map<String, PreparedVolume> volumes)
            throws NotStartedException {
        PreparedVolume volume = volumes.get(volumeMount.getName());
        if (volume == null) {
            throw NotStartedException.config("cannot find volume \"" + volumeMount.getName()
                    + "\" to mount into container at " + volumeMount.getMountPath());
        }
        Path source = volume.path();
        if (volumeMount.getSubPath() != null && !volumeMount.getSubPath().isEmpty()) {
            source = subPath(source, volumeMount);
        }
        boolean readOnly = volume.readOnly() || Boolean.TRUE.equals(volumeMount.getReadOnly());
        return new Mount(
                readOnly ? Mount.Mode.READ_ONLY : Mount.Mode.READ_WRITE, source, Path.of(volumeMount.getMountPath()));
    }

    private static Path subPath(Path volume, VolumeMount volumeMount) throws NotStartedException {
        Path source = volume.resolve(volumeMount.getSubPath()).normalize();
        if (!source.startsWith(volume) || !Files.exists(source)) {
            throw NotStartedException.config("failed to prepare subPath for volumeMount \"" + volumeMount.getName()
                    + "\": no \"" + volumeMount.getSubPath() + "\" in the volume");
        }
        return source;
    }

    /** The folders of the paths that entrypoint and variables name: a checkout in a home folder is closed to others. */
    private static List<Mount> reachable(ProcessImage image) {
        return Stream.concat(image.entrypoint().stream(), image.env().values().stream())
                .flatMap(word -> Stream.of(word.split("[:=]")))
                .filter(word -> word.startsWith("/") && Files.exists(Path.of(word)))
                .map(word -> Path.of(word).normalize())
                .map(path -> Files.isDirectory(path) ? path : path.getParent())
                .filter(folder -> folder != null && folder.getNameCount() > 0)
                .distinct()
                .map(folder -> new Mount(Mount.Mode.OPEN, folder, folder))
                .toList();
    }
}
