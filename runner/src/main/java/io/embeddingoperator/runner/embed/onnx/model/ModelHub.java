package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;

/**
 * Where the Hugging Face hub keeps the files of a repository.
 *
 * @param endpoint without a slash at its end
 */
record ModelHub(String endpoint) {
    private static final String FIELD = "spec.embedder.onnx.model.huggingFace.";

    ModelHub {
        endpoint = endpoint.replaceFirst("/+$", "");
    }

    RemoteFile model(HuggingFaceModel model) {
        return RemoteFile.model(url(model, model.file()), model.sha256(), FIELD + "sha256");
    }

    RemoteFile tokenizer(HuggingFaceModel model) {
        return RemoteFile.tokenizer(url(model, "tokenizer.json"), model.tokenizerSha256(), FIELD + "tokenizerSha256");
    }

    private String url(HuggingFaceModel model, String file) {
        return "%s/%s/resolve/%s/%s".formatted(endpoint, model.repository(), model.revision(), file);
    }
}
