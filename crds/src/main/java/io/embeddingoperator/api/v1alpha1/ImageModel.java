package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * A model in a container image, mounted read-only as an image volume: {@code FROM scratch}, then {@code COPY} of the model's
 * files. Artefacts without a file system, as ORAS pushes them, are mounted as empty folders.
 *
 * @param reference the container image, best by digest, for example {@code registry.example.com/models/bge-small@sha256:…}
 * @param mountPath where it is mounted in the runner, and which folder the runner reads, for example {@code /models/bge}
 * @param file the ONNX file inside that folder, for example {@code onnx/model.onnx}; without it the one that is named as usual,
 *     or the only one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.mountPath.matches('" + MountFolder.FORM + "')",
        messageExpression = "'mountPath is ' + self.mountPath + ': " + MountFolder.ADVICE + "'",
        fieldPath = ".mountPath")
public record ImageModel(
        @Required @Size(max = Limit.IMAGE) @Pattern(Field.NOT_BLANK)
        String reference,

        @Default("/model") @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK)
        String mountPath,

        @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK) @Nullable
        String file) {
    public ImageModel {
        Field.requiredText(reference, "spec.embedder.onnx.model.image.reference", "name the container image");
        mountPath = Field.orElse(mountPath, "/model");
        Field.requiredText(mountPath, "spec.embedder.onnx.model.image.mountPath", "name the model's folder");
        Field.optionalText(
                file, "spec.embedder.onnx.model.image.file", "name the ONNX file in the folder, or leave it out");
    }
}
