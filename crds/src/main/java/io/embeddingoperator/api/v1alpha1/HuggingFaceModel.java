package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * A model of the Hugging Face hub. A branch or tag is resolved to its commit when a run begins, and the whole run keeps to that.
 *
 * @param repository the repository, for example {@code BAAI/bge-small-en-v1.5}
 * @param revision a commit, a branch or a tag, for example {@code v1.5}
 * @param file the ONNX file inside the repository, for example {@code onnx/model_int8.onnx}
 * @param tokenizerFile the tokenizer inside the repository, for example {@code onnx/tokenizer.json}; without it {@code
 *     tokenizer.json} beside the ONNX file, or above it
 * @param sha256 the SHA-256 of the ONNX file, 64 lower-case hexadecimal digits, for example {@code 6fd5…}, as sha256sum prints
 *     it; without it the hub's own is checked
 * @param tokenizerSha256 the SHA-256 of the tokenizer, 64 lower-case hexadecimal digits, for example {@code da0e…}, as sha256sum
 *     prints it; without it the hub's own is checked, where it has one
 * @param token the access token that a gated or private model needs; without it the hub is asked without one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HuggingFaceModel(
        @Required @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK)
        String repository,

        @Default(HuggingFaceModel.BRANCH) @Size(max = Limit.VERSION) @Pattern(Field.NOT_BLANK)
        String revision,

        @Default("onnx/model.onnx") @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK)
        String file,

        @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK) @Nullable
        String tokenizerFile,

        @Size(max = Limit.SHA256) @Pattern(Sha256.FORM) @Nullable
        String sha256,

        @Size(max = Limit.SHA256) @Pattern(Sha256.FORM) @Nullable
        String tokenizerSha256,

        @Nullable SecretValue token) {
    static final String BRANCH = "main";

    private static final String COMMIT = "[0-9a-f]{40}";

    public HuggingFaceModel {
        Field.requiredText(repository, "spec.embedder.onnx.model.huggingFace.repository", "name it as owner/name");
        revision = Field.orElse(revision, BRANCH);
        Field.requiredText(
                revision, "spec.embedder.onnx.model.huggingFace.revision", "name a commit, a branch or a tag");
        file = Field.orElse(file, "onnx/model.onnx");
        Field.requiredText(file, "spec.embedder.onnx.model.huggingFace.file", "name the ONNX file in the repository");
        Field.optionalText(
                tokenizerFile,
                "spec.embedder.onnx.model.huggingFace.tokenizerFile",
                "name the tokenizer in the repository, or leave it out");
        Sha256.checkIfGiven(sha256, "spec.embedder.onnx.model.huggingFace.sha256");
        Sha256.checkIfGiven(tokenizerSha256, "spec.embedder.onnx.model.huggingFace.tokenizerSha256");
    }

    /** Whether the revision is a commit, which never moves. */
    public boolean namesCommit() {
        return revision.matches(COMMIT);
    }

    /** The same model at another revision. */
    public HuggingFaceModel at(String otherRevision) {
        return new HuggingFaceModel(repository, otherRevision, file, tokenizerFile, sha256, tokenizerSha256, token);
    }
}
