package io.embeddingoperator.runner.embed.onnx.model;

import java.nio.file.Path;
import java.util.Optional;

/** The files of a folder on a server, each fetched when it is first asked for. */
record RemotePublishedFiles(ModelCache cache, RemoteFolder folder) implements PublishedFiles {
    @Override
    public Optional<Path> find(String path) {
        return folder.file(path, FileLimits.PUBLISHED_BYTES).flatMap(file -> cache.find(folder, file));
    }
}
