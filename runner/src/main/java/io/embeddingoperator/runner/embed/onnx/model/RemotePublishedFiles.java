package io.embeddingoperator.runner.embed.onnx.model;

import java.nio.file.Path;
import java.util.Optional;

/** The files of a folder on a server, each fetched when it is first asked for. */
record RemotePublishedFiles(ModelCache cache, RemoteFolder folder) implements PublishedFiles {
    private static final String WEIGHTS = ".safetensors";

    @Override
    public Optional<Path> find(String path) {
        long maxBytes = path.endsWith(WEIGHTS) ? FileLimits.DENSE_BYTES : FileLimits.PUBLISHED_BYTES;
        return folder.file(path, maxBytes).flatMap(file -> cache.find(folder, file));
    }
}
