package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.source.StoredFile;
import java.util.Objects;

/**
 * A range of a file's bytes. A record belongs to the piece in which its first byte stands, so neighbouring pieces read
 * every record exactly once.
 *
 * @param path of the file in its store
 * @param size of the whole file when the run was planned
 * @param version of the file when the run was planned
 * @param from first byte
 * @param to the byte after the last
 */
record Piece(String path, long size, String version, long from, long to) {
    Piece {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(version, "version");
        if (from < 0 || to < from || size < to) {
            throw new IllegalArgumentException(
                    "%s of %d bytes cannot have a piece from byte %d to %d".formatted(path, size, from, to));
        }
    }

    static Piece whole(StoredFile file) {
        return new Piece(file.path(), file.size(), file.version(), 0, file.size());
    }

    /** The whole file, as it was when the run was planned. */
    StoredFile file() {
        return new StoredFile(path, size, version);
    }

    Piece part(long first, long end) {
        return new Piece(path, size, version, first, end);
    }

    long bytes() {
        return to - from;
    }
}
