package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;

/**
 * A model in a folder of a PersistentVolumeClaim.
 *
 * @param claimName the claim that a runner pod mounts; on a laptop, where mountPath is an ordinary folder, it may be absent
 * @param mountPath where it is mounted in the runner, and which folder the runner reads
 */
public record VolumeModel(
        String claimName, @Default("/model") String mountPath) {
    public VolumeModel {
        mountPath = Field.orElse(mountPath, "/model");
        Field.requiredText(mountPath, "spec.embedder.onnx.model.volume.mountPath", "name the model's folder");
    }
}
