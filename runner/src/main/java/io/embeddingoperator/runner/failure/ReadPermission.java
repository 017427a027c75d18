package io.embeddingoperator.runner.failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Says which file or folder the user of this process may not read, and what to do. Java's own exception names the file at the
 * end of a path where a folder on the way to it is at fault, and a test whether a file exists says no for what may not be seen.
 */
public final class ReadPermission {
    private static final Path THIS_PROCESS = Path.of("/proc/self");
    private static final int MODE_BITS = 07777;

    private ReadPermission() {}

    /**
     * Passes over what does not exist: that is another sentence.
     *
     * @throws SpecificationException when something on the way to the file, or it itself, may not be read
     */
    public static void check(Path file) {
        Path way = file.toAbsolutePath();
        for (int names = 0; names <= way.getNameCount(); names++) {
            Path folder = beginning(way, names);
            if (!Files.exists(folder)) {
                return;
            }
            if (Files.isDirectory(folder) && !Files.isExecutable(folder)) {
                throw new SpecificationException(sentence(folder));
            }
        }
        if (!Files.isReadable(way)) {
            throw new SpecificationException(sentence(way));
        }
    }

    /** What is to be said of a file that was found to be closed. */
    public static String sentence(Path file) {
        boolean folder = Files.isDirectory(file);
        return sentence(
                file,
                folder,
                attribute(file, "unix:mode").map(mode -> mode & MODE_BITS),
                attribute(file, "unix:uid"),
                attribute(THIS_PROCESS, "unix:uid"));
    }

    static String sentence(
            Path file, boolean folder, Optional<Integer> mode, Optional<Integer> owner, Optional<Integer> user) {
        String state = mode.isPresent() && owner.isPresent()
                ? " (mode %04o, of user %d)".formatted(mode.get(), owner.get())
                : "";
        String reader = user.map("the runner's user, %d"::formatted).orElse("the runner's user");
        String rights = folder ? "a+rx" : "a+r";
        return "%s%s may not be read by %s: let it, for example by chmod %s, or give it to that user"
                .formatted(file, state, reader, rights);
    }

    private static Path beginning(Path way, int names) {
        Path root = way.getRoot();
        return names == 0 ? root : root.resolve(way.subpath(0, names));
    }

    private static Optional<Integer> attribute(Path file, String name) {
        try {
            return Optional.of((Integer) Files.getAttribute(file, name, new LinkOption[0]));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
