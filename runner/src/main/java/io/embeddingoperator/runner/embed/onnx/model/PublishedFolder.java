package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.ReadPermission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files of a model that lies in a folder. */
record PublishedFolder(Path folder) implements PublishedFiles {
    @Override
    public Optional<Path> find(String path) {
        Path file = folder.resolve(path).normalize();
        // A path comes from a file of the model, which may name what is not its own.
        if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        ReadPermission.check(file);
        return Optional.of(file);
    }
}
