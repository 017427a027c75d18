package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A model of the Hugging Face hub, at a pinned revision.
 *
 * @param repository the repository, for example {@code sentence-transformers/all-MiniLM-L6-v2}
 * @param revision a commit, never a branch: a moving revision would change vectors in mid-run
 * @param file the ONNX file inside the repository
 * @param sha256 the SHA-256 of the ONNX file, 64 lower-case hexadecimal digits
 * @param tokenizerSha256 the SHA-256 of {@code tokenizer.json}, 64 lower-case hexadecimal digits
 */
public record HuggingFaceModel(
        @Required @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK)
        String repository,

        @Required @Size(max = Limit.VERSION) @Pattern(Field.NOT_BLANK)
        String revision,

        @Default("onnx/model.onnx") @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK)
        String file,

        @Required @Size(max = Limit.SHA256) @Pattern(Sha256.FORM)
        String sha256,

        @Required @Size(max = Limit.SHA256) @Pattern(Sha256.FORM)
        String tokenizerSha256) {
    public HuggingFaceModel {
        Field.requiredText(repository, "spec.embedder.onnx.model.huggingFace.repository", "name it as owner/name");
        Field.requiredText(revision, "spec.embedder.onnx.model.huggingFace.revision", "pin a commit");
        file = Field.orElse(file, "onnx/model.onnx");
        Field.requiredText(file, "spec.embedder.onnx.model.huggingFace.file", "name the ONNX file in the repository");
        Sha256.check(sha256, "spec.embedder.onnx.model.huggingFace.sha256");
        Sha256.check(tokenizerSha256, "spec.embedder.onnx.model.huggingFace.tokenizerSha256");
    }
}
