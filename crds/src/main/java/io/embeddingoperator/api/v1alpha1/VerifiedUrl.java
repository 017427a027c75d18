package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A file that is trusted only when its checksum matches.
 *
 * @param url where the file is, http or https, for example {@code https://files.example.com/bge/model.onnx}
 * @param sha256 the SHA-256 of the file, 64 lower-case hexadecimal digits, for example {@code 6fd5…}, as sha256sum prints it
 */
public record VerifiedUrl(
        @Required @Size(max = Limit.URL) @Pattern(Field.HTTP_URL)
        String url,

        @Required @Size(max = Limit.SHA256) @Pattern(Sha256.FORM)
        String sha256) {
    public VerifiedUrl {
        Field.required(url, "spec.embedder.onnx.model.url.*.url", "give an http or https URL");
        Field.httpUrl(url, "spec.embedder.onnx.model.url.*.url");
        Sha256.check(sha256, "spec.embedder.onnx.model.url.*.sha256");
    }
}
