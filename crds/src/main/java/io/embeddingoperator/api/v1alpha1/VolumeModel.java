package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * A model in a folder of a PersistentVolumeClaim.
 *
 * @param claimName the PersistentVolumeClaim that a runner pod mounts, for example {@code models}; without it, on a laptop,
 *     mountPath is a folder of the laptop
 * @param mountPath where it is mounted in the runner, and which folder the runner reads, for example {@code /models/bge}
 * @param file the ONNX file inside that folder, for example {@code onnx/model.onnx}; without it the one that is named as usual,
 *     or the only one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.claimName) || self.mountPath.matches('" + MountFolder.FORM + "')",
        messageExpression = "'mountPath is ' + self.mountPath + ': " + MountFolder.ADVICE + "'",
        fieldPath = ".mountPath")
public record VolumeModel(
        @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK) @Nullable
        String claimName,

        @Default("/model") @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK)
        String mountPath,

        @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK) @Nullable
        String file) {
    public VolumeModel {
        Field.optionalText(
                claimName,
                "spec.embedder.onnx.model.volume.claimName",
                "name the PersistentVolumeClaim, or leave it out on a laptop");
        mountPath = Field.orElse(mountPath, "/model");
        Field.requiredText(mountPath, "spec.embedder.onnx.model.volume.mountPath", "name the model's folder");
        Field.optionalText(
                file, "spec.embedder.onnx.model.volume.file", "name the ONNX file in the folder, or leave it out");
    }
}
