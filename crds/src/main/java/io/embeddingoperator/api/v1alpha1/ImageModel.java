package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/**
 * A model in an OCI artefact, mounted read-only as an image volume.
 *
 * @param reference the artefact, best by digest
 * @param mountPath where it is mounted in the runner, and which folder the runner reads
 */
public record ImageModel(
        @Required @Pattern(Field.NOT_BLANK) String reference,
        @Default("/model") @Pattern(Field.NOT_BLANK) String mountPath) {
    public ImageModel {
        Field.requiredText(reference, "spec.embedder.onnx.model.image.reference", "name the OCI artefact");
        mountPath = Field.orElse(mountPath, "/model");
        Field.requiredText(mountPath, "spec.embedder.onnx.model.image.mountPath", "name the model's folder");
    }
}
