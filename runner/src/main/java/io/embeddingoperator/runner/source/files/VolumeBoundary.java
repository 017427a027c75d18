package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The folder whose files may be read. A person who puts a link into a volume, or writes a path, need not be one who may read
 * the rest of the machine: what leads out of the folder is refused.
 *
 * @param folder may itself be a link
 */
record VolumeBoundary(Path folder) {
    VolumeBoundary {
        Objects.requireNonNull(folder, "folder");
    }

    /** @throws SpecificationException when the path leads out of the folder, by links or by itself */
    void check(Path path) throws IOException {
        Path real = path.toRealPath();
        Path allowed = Files.exists(folder) ? folder.toRealPath() : folder;
        if (!real.startsWith(allowed)) {
            throw new SpecificationException(
                    "%s outside of %s: only files in that folder are read, so copy or mount it there"
                            .formatted(found(path, real), folder));
        }
    }

    /** How a sentence about the path begins, which names where a link leads. */
    private static String found(Path path, Path real) {
        return path.toAbsolutePath().normalize().equals(real)
                ? "%s is".formatted(real)
                : "%s leads to %s, which is".formatted(path, real);
    }
}
