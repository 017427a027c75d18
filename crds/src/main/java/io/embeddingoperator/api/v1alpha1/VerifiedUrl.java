package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * A file that is trusted only when its checksum matches.
 *
 * @param sha256 64 lower-case hexadecimal digits
 */
public record VerifiedUrl(@Required String url, @Required String sha256) {
    public VerifiedUrl {
        Field.requiredText(url, "spec.embedder.onnx.model.url.*.url", "give an http or https URL");
        Field.check(
                url.startsWith("https://") || url.startsWith("http://"),
                "spec.embedder.onnx.model.url.*.url is %s: use an http or https URL".formatted(url));
        Sha256.check(sha256, "spec.embedder.onnx.model.url.*.sha256");
    }
}
