package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Files below a folder. Paths are relative to it, with forward slashes, or absolute where the glob is. */
final class VolumeStore implements FileStore {
    private final Path root;
    private final String glob;

    VolumeStore(Path root, String glob) {
        this.root = Objects.requireNonNull(root, "root").toAbsolutePath().normalize();
        this.glob = Objects.requireNonNull(glob, "glob");
    }

    @Override
    public List<StoredFile> list() {
        return new VolumeListing(root, glob).files();
    }

    @Override
    public StoredFile find(String path) {
        try {
            return stored(path, Files.readAttributes(root.resolve(path), BasicFileAttributes.class));
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    @Override
    public InputStream open(String path, long from) {
        try {
            SeekableByteChannel channel = Files.newByteChannel(root.resolve(path), StandardOpenOption.READ);
            channel.position(from);
            return Channels.newInputStream(channel);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    static StoredFile stored(String path, BasicFileAttributes attributes) {
        return new StoredFile(
                path,
                attributes.size(),
                Long.toString(attributes.lastModifiedTime().to(TimeUnit.MILLISECONDS)));
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
                new SpecificationException(
                        "%s in %s may not be read: give the user of the runner permission".formatted(path, root), e);
            default ->
                new UnavailableException(
                        "%s in %s cannot be opened for now: %s".formatted(path, root, e.getMessage()), e);
        };
    }
}
