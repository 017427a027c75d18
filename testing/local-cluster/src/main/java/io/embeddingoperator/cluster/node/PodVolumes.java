package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Makes a pod's volumes ready on this machine. Image volumes are not among them: they are pulled with the container. */
record PodVolumes(Path folder, NamedData data, DownwardApi pod) {
    private static final int OPEN_TO_ALL = 0777;
    private static final int READABLE = 0755;

    /** All volumes by name; called again after a failure, it starts afresh where files had been written. */
    Map<String, PreparedVolume> prepare() throws MountFailedException {
        Map<String, PreparedVolume> volumes = new LinkedHashMap<>();
        try {
            for (Volume volume : pod.pod().getSpec().getVolumes()) {
                if (volume.getImage() == null) {
                    volumes.put(volume.getName(), prepare(volume));
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("a volume's files could not be written: " + failure.getMessage(), failure);
        }
        return volumes;
    }

    private PreparedVolume prepare(Volume volume) throws MountFailedException, IOException {
        if (volume.getHostPath() != null) {
            return new PreparedVolume(hostPath(volume.getName(), volume.getHostPath()), false);
        }
        if (volume.getPersistentVolumeClaim() != null) {
            return claim(volume.getName(), volume.getPersistentVolumeClaim());
        }
        Path own = folder.resolve(volume.getName());
        if (volume.getEmptyDir() != null) {
            return new PreparedVolume(ownedByGroup(FileTree.folder(own, OPEN_TO_ALL)), false);
        }
        FileTree.delete(own);
        FileTree.folder(own, READABLE);
        var files = new VolumeFiles(volume.getName(), own, data, pod);
        if (volume.getConfigMap() != null) {
            var source = volume.getConfigMap();
            files.configMap(source.getName(), source.getItems(), source.getDefaultMode(), source.getOptional());
        } else if (volume.getSecret() != null) {
            var source = volume.getSecret();
            files.secret(source.getSecretName(), source.getItems(), source.getDefaultMode(), source.getOptional());
        } else if (volume.getDownwardAPI() != null) {
            files.downwardApi(
                    volume.getDownwardAPI().getItems(), volume.getDownwardAPI().getDefaultMode());
        } else if (volume.getProjected() != null) {
            for (VolumeProjection source : volume.getProjected().getSources()) {
                files.projected(source, volume.getProjected().getDefaultMode());
            }
        } else {
            throw new MountFailedException(volume.getName(), "this node has no volumes of this kind");
        }
        return new PreparedVolume(ownedByGroup(own), true);
    }

    private static Path hostPath(String volume, HostPathVolumeSource source) throws MountFailedException, IOException {
        Path path = Path.of(source.getPath());
        String type = Optional.ofNullable(source.getType()).orElse("");
        switch (type) {
            case "DirectoryOrCreate" -> Files.createDirectories(path);
            case "FileOrCreate" -> {
                if (!Files.exists(path)) {
                    Files.createFile(path);
                }
            }
            case "Directory" -> check(Files.isDirectory(path), volume, path + " is not a directory");
            case "File" -> check(Files.isRegularFile(path), volume, path + " is not a file");
            default -> check(Files.exists(path), volume, "hostPath " + path + " does not exist");
        }
        return path;
    }

    private static void check(boolean holds, String volume, String otherwise) throws MountFailedException {
        if (!holds) {
            throw new MountFailedException(volume, "hostPath type check failed: " + otherwise);
        }
    }

    private PreparedVolume claim(String volume, PersistentVolumeClaimVolumeSource source)
            throws MountFailedException, IOException {
        var claim = data.client()
                .persistentVolumeClaims()
                .inNamespace(data.namespace())
                .withName(source.getClaimName())
                .get();
        if (claim == null) {
            throw new MountFailedException(volume, "persistentvolumeclaim \"" + source.getClaimName() + "\" not found");
        }
        if (claim.getStatus() == null || !"Bound".equals(claim.getStatus().getPhase())) {
            throw new MountFailedException(
                    volume, "persistentvolumeclaim \"" + source.getClaimName() + "\" is not bound to a volume");
        }
        var persistentVolume = data.client()
                .persistentVolumes()
                .withName(claim.getSpec().getVolumeName())
                .get();
        boolean readOnly = Boolean.TRUE.equals(source.getReadOnly());
        if (persistentVolume != null && persistentVolume.getSpec().getHostPath() != null) {
            return new PreparedVolume(
                    hostPath(volume, persistentVolume.getSpec().getHostPath()), readOnly);
        }
        if (persistentVolume != null && persistentVolume.getSpec().getLocal() != null) {
            var path = new HostPathVolumeSource(
                    persistentVolume.getSpec().getLocal().getPath(), "Directory");
            return new PreparedVolume(hostPath(volume, path), readOnly);
        }
        throw new MountFailedException(
                volume, "this node mounts persistent volumes of the kinds hostPath and local alone");
    }

    private Path ownedByGroup(Path volume) throws IOException {
        var security = pod.pod().getSpec().getSecurityContext();
        if (security != null && security.getFsGroup() != null) {
            FileTree.giveToGroup(volume, security.getFsGroup());
        }
        return volume;
    }
}
