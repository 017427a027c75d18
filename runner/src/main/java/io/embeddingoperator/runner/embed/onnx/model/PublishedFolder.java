package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.ReadPermission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files of a model that lies in a folder. */
record PublishedFolder(Path folder) implements PublishedFiles {
    @Override
    public Optional<Path> find(String path) {
        // A path comes from a file of the model, which may name what is not its own, or what is no path.
        return RemotePath.of(path)
                .map(inside -> folder.resolve(inside.path()))
                .filter(Files::isRegularFile)
                .map(PublishedFolder::readable);
    }

    private static Path readable(Path file) {
        ReadPermission.check(file);
        return file;
    }
}
