package io.embeddingoperator.api.v1alpha1;

import java.util.Optional;

/** Where an ONNX model's files are: {@code model.onnx} and {@code tokenizer.json}. */
public sealed interface Model {
    /** Built into the runner. */
    record Bundled(String name) implements Model {}

    /**
     * A folder that an image volume or a PersistentVolumeClaim mounts.
     *
     * @param file the ONNX file in it, where it is named
     */
    record Folder(String path, Optional<String> file) implements Model {
        public Folder(String path) {
            this(path, Optional.empty());
        }
    }

    /** A repository of the Hugging Face hub. */
    record Hub(HuggingFaceModel repository) implements Model {}

    /** Two files behind URLs, each verified by its SHA-256. */
    record Download(UrlModel files) implements Model {}
}
