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
 * @param weights the files beside the ONNX file that it names, by the names that it has for them
 */
public record ModelFiles(String name, Path model, Path tokenizer, PublishedFiles published, PublishedFiles weights) {
    public ModelFiles {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(tokenizer, "tokenizer");
        Objects.requireNonNull(published, "published");
        Objects.requireNonNull(weights, "weights");
    }

    /** A model of which all files lie on this machine. */
    public ModelFiles(String name, Path model, Path tokenizer, PublishedFiles published) {
        this(
                name,
                model,
                tokenizer,
                published,
                new PublishedFolder(model.toAbsolutePath().resolveSibling("")));
    }
}
