package io.embeddingoperator.runner.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Folders that hold a model as {@code spec.embedder.onnx.model.volume} wants it. */
public final class TestingModelFolder {
    private static final Path MODELS = Path.of("src/test/resources/embed");

    private TestingModelFolder() {}

    /** A model of next to no computation, with vectors of length 8. */
    public static Path fast(Path parent) {
        return of(parent, "tiny-fast.onnx");
    }

    /** @param model a file beside {@code tiny-tokenizer.json} */
    public static Path of(Path parent, String model) {
        try {
            Path folder = Files.createDirectories(parent.resolve(model.replace(".onnx", "")));
            Files.copy(MODELS.resolve(model), folder.resolve("model.onnx"), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(
                    MODELS.resolve("tiny-tokenizer.json"),
                    folder.resolve("tokenizer.json"),
                    StandardCopyOption.REPLACE_EXISTING);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
