package io.embeddingoperator.runner.embed.onnx.model;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A model on this machine.
 *
 * @param name for a person
 * @param model the ONNX file
 * @param tokenizer the {@code tokenizer.json} that belongs to it
 * @param published what else it was published with
 */
public record ModelFiles(String name, Path model, Path tokenizer, PublishedFiles published) {
    public ModelFiles {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(tokenizer, "tokenizer");
        Objects.requireNonNull(published, "published");
    }
}
