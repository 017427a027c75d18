package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.api.v1alpha1.TemplateMount;
import io.embeddingoperator.api.v1alpha1.TemplateVolume;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The volumes that a template adds, as a pod has them. */
final class TemplateVolumes {
    private TemplateVolumes() {}

    static List<Volume> volumes(RunnerTemplate template) {
        return template.volumes().stream().map(TemplateVolumes::volume).toList();
    }

    static List<VolumeMount> mounts(RunnerTemplate template) {
        return template.volumeMounts().stream().map(TemplateVolumes::mount).toList();
    }

    /**
     * Where the template mounts files that a run may read as documents or as a model. A Secret or a ConfigMap is no such place:
     * the pod may use it, and its author may not have it copied into a table.
     */
    static List<String> foldersOfFiles(RunnerTemplate template) {
        Set<String> files = template.volumes().stream()
                .filter(volume -> volume.persistentVolumeClaim() != null)
                .map(TemplateVolume::name)
                .collect(Collectors.toSet());
        return template.volumeMounts().stream()
                .filter(mount -> files.contains(mount.name()))
                .map(TemplateMount::mountPath)
                .toList();
    }

    private static Volume volume(TemplateVolume volume) {
        return new VolumeBuilder()
                .withName(volume.name())
                .withPersistentVolumeClaim(volume.persistentVolumeClaim())
                .withEmptyDir(volume.emptyDir())
                .withConfigMap(volume.configMap())
                .withSecret(volume.secret())
                .build();
    }

    private static VolumeMount mount(TemplateMount mount) {
        return new VolumeMountBuilder()
                .withName(mount.name())
                .withMountPath(mount.mountPath())
                .withSubPath(mount.subPath())
                .withReadOnly(mount.readOnly())
                .build();
    }
}
