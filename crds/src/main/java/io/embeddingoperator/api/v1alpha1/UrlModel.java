package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * A model behind two URLs; each file is downloaded once, verified and kept.
 *
 * @param model the ONNX file
 * @param tokenizer the file {@code tokenizer.json}
 */
public record UrlModel(
        @Required VerifiedUrl model, @Required VerifiedUrl tokenizer) {
    public UrlModel {
        Field.required(model, "spec.embedder.onnx.model.url.model", "give url and sha256 of the ONNX file");
        Field.required(tokenizer, "spec.embedder.onnx.model.url.tokenizer", "give url and sha256 of tokenizer.json");
    }
}
