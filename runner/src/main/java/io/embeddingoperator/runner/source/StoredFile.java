package io.embeddingoperator.runner.source;

import java.util.Objects;

/**
 * A file as a store knows it.
 *
 * @param path in the store's own notation, with forward slashes; also how a person is told about it
 * @param size in bytes
 * @param version changes when the content does: a volume's time of modification, an object store's tag
 */
public record StoredFile(String path, long size, String version) {
    public StoredFile {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(version, "version");
        if (size < 0) {
            throw new IllegalArgumentException("%s with size %d: a size is never negative".formatted(path, size));
        }
    }
}
