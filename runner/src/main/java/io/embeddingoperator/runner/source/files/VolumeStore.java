package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Files below a folder. Paths are relative to it, with forward slashes, or absolute where the glob is. */
final class VolumeStore implements FileStore {
    private final Path root;
    private final String glob;
    private final VolumeBoundary boundary;

    private VolumeStore(Path root, String glob, VolumeBoundary boundary) {
        this.root = root;
        this.glob = Objects.requireNonNull(glob, "glob");
        this.boundary = boundary;
    }

    /** Files of a volume that is mounted at the root, and none outside of it. */
    static VolumeStore mounted(Path root, String glob) {
        Path folder = absolute(root);
        return new VolumeStore(folder, glob, new VolumeBoundary(folder));
    }

    /**
     * Files of the machine of the person who runs the command. A path may begin anywhere; the folder that it names before
     * its first pattern is the boundary where it does not begin in the working folder.
     */
    static VolumeStore local(Path workingFolder, String glob) {
        Path folder = absolute(workingFolder);
        Path named = VolumeListing.base(folder, glob);
        return new VolumeStore(folder, glob, new VolumeBoundary(named.startsWith(folder) ? folder : named));
    }

    @Override
    public Stream<StoredFile> list() {
        return new VolumeListing(root, glob, boundary).files().stream();
    }

    @Override
    public void refuseChanged(StoredFile listed) {
        StoredFile now = find(listed.path());
        if (!now.equals(listed)) {
            throw new SpecificationException(
                    ("%s changed since this run was planned (it had %d bytes then and has %d now):"
                                    + " change runNonce to read it anew")
                            .formatted(listed.path(), listed.size(), now.size()));
        }
    }

    @Override
    public InputStream open(StoredFile file, long from, long to) {
        try {
            Path stored = root.resolve(file.path());
            attributes(stored);
            SeekableByteChannel channel = Files.newByteChannel(stored, StandardOpenOption.READ);
            channel.position(from);
            return Channels.newInputStream(channel);
        } catch (IOException e) {
            throw unreadable(file.path(), e);
        }
    }

    static StoredFile stored(String path, BasicFileAttributes attributes) {
        return new StoredFile(
                path,
                attributes.size(),
                Long.toString(attributes.lastModifiedTime().to(TimeUnit.MILLISECONDS)));
    }

    private StoredFile find(String path) {
        try {
            return stored(path, attributes(root.resolve(path)));
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** What was listed may be another thing now: opening a pipe would wait for its writer for ever. */
    private BasicFileAttributes attributes(Path file) throws IOException {
        boundary.check(file);
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new SpecificationException(
                    "%s was a file when this run was planned and is none now: put it back, or change runNonce"
                            .formatted(file));
        }
        return attributes;
    }

    private static Path absolute(Path root) {
        return Objects.requireNonNull(root, "root").toAbsolutePath().normalize();
    }

    private RunnerException unreadable(String path, IOException e) {
        return switch (e) {
            case NoSuchFileException gone
            when Files.isDirectory(root) ->
                new SpecificationException(
                        ("%s is gone from %s since this run was planned:"
                                        + " put it back, or change runNonce to read what is there")
                                .formatted(path, root),
                        e);
            case AccessDeniedException denied ->
                new SpecificationException(ReadPermission.sentence(root.resolve(path)), e);
            default ->
                new UnavailableException(
                        "%s in %s cannot be opened for now: %s".formatted(path, root, e.getMessage()), e);
        };
    }
}
