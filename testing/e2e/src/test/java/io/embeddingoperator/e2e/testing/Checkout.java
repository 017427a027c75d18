package io.embeddingoperator.e2e.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the files of this project are. */
public final class Checkout {
    private static final Path ROOT = find();

    private Checkout() {}

    /** A file of the project, which has to exist: a test that finds nothing would prove nothing. */
    public static Path file(String path) {
        Path file = ROOT.resolve(path);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " does not exist: run make build first");
        }
        return file;
    }

    private static Path find() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(folder.resolve("dev/postgres"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("the tests run in a checkout of the project");
            }
        }
        return folder;
    }
}
