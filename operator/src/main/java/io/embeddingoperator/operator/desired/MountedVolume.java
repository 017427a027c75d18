package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ConfigMapKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.Objects;
import java.util.SortedMap;

/** A volume of the pod and where the runner sees it. */
record MountedVolume(Volume volume, VolumeMount mount) {
    MountedVolume {
        Objects.requireNonNull(volume, "volume");
        Objects.requireNonNull(mount, "mount");
    }

    static MountedVolume configMap(String name, String configMap, String path) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewConfigMap()
                        .withName(configMap)
                        .endConfigMap()
                        .build(),
                path);
    }

    /** One of the pod's own annotations, as a file. */
    static MountedVolume annotation(String name, String annotation, String path, String file) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewDownwardAPI()
                        .addNewItem()
                        .withPath(file)
                        .withNewFieldRef(null, "metadata.annotations['%s']".formatted(annotation))
                        .endItem()
                        .endDownwardAPI()
                        .build(),
                path);
    }

    /** One key of a ConfigMap, as a file. */
    static MountedVolume key(String name, ConfigMapKeyReference reference, String path, String file) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewConfigMap()
                        .withName(reference.name())
                        .addNewItem(reference.key(), null, file)
                        .endConfigMap()
                        .build(),
                path);
    }

    /** A whole Secret, as files. */
    static MountedVolume secret(String name, String secret, String path) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewSecret()
                        .withSecretName(secret)
                        .endSecret()
                        .build(),
                path);
    }

    /** One key of a Secret, as a file; the pod starts without it, too. */
    static MountedVolume optionalKey(String name, SecretKeyReference reference, String path, String file) {
        MountedVolume mounted = key(name, reference, path, file);
        mounted.volume.getSecret().setOptional(true);
        return mounted;
    }

    /** Keys of several Secrets, each as the file that it is mapped from; the pod starts without them, too. */
    static MountedVolume optionalKeys(String name, SortedMap<String, SecretKeyReference> files, String path) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewProjected()
                        .addAllToSources(files.entrySet().stream()
                                .map(file -> optionalKey(file.getValue(), file.getKey()))
                                .toList())
                        .endProjected()
                        .build(),
                path);
    }

    private static VolumeProjection optionalKey(SecretKeyReference reference, String file) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(reference.name())
                .addNewItem(reference.key(), null, file)
                .withOptional(true)
                .endSecret()
                .build();
    }

    /** One key of a Secret, as a file. */
    static MountedVolume key(String name, SecretKeyReference reference, String path, String file) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewSecret()
                        .withSecretName(reference.name())
                        .addNewItem(reference.key(), null, file)
                        .endSecret()
                        .build(),
                path);
    }

    /** Read-only for the storage too, which lets many nodes attach a disk that only one may write to. */
    static MountedVolume claim(String name, String claim, String path) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewPersistentVolumeClaim(claim, true)
                        .build(),
                path);
    }

    static MountedVolume image(String name, String reference, String path) {
        return readOnly(
                new VolumeBuilder()
                        .withName(name)
                        .withNewImage()
                        .withReference(reference)
                        .endImage()
                        .build(),
                path);
    }

    /**
     * A folder that lives as long as the pod. It has no size limit: a model that is downloaded into it may be of any size,
     * and a limit of the template on ephemeral-storage counts it in.
     */
    static MountedVolume scratch(String name, String path) {
        return new MountedVolume(
                new VolumeBuilder()
                        .withName(name)
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .build(),
                new VolumeMountBuilder().withName(name).withMountPath(path).build());
    }

    private static MountedVolume readOnly(Volume volume, String path) {
        return new MountedVolume(
                volume,
                new VolumeMountBuilder()
                        .withName(volume.getName())
                        .withMountPath(path)
                        .withReadOnly(true)
                        .build());
    }
}
