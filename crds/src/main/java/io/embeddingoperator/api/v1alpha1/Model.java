package io.embeddingoperator.api.v1alpha1;

/** Where an ONNX model's files are: {@code model.onnx} and {@code tokenizer.json}. */
public sealed interface Model {
    /** Built into the runner. */
    record Bundled(String name) implements Model {}

    /** A folder that an image volume or a PersistentVolumeClaim mounts. */
    record Folder(String path) implements Model {}

    /** A repository and revision of the Hugging Face hub. */
    record Hub(HuggingFaceModel repository) implements Model {}

    /** Two files behind URLs, each verified by its SHA-256. */
    record Download(UrlModel files) implements Model {}
}
