package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * What has come of a download so far.
 *
 * @param file the bytes
 * @param validatorFile the server's name for the version that they are of, as it is sent in If-Range
 */
record PartialFile(Path file, Path validatorFile) {
    /** @param name that both files begin with */
    static PartialFile of(Path name) {
        return new PartialFile(Path.of(name + ".partial"), Path.of(name + ".partial.version"));
    }

    long size() throws IOException {
        return Files.isRegularFile(file) ? Files.size(file) : 0;
    }

    Optional<String> validator() throws IOException {
        return Files.isRegularFile(validatorFile) ? Optional.of(Files.readString(validatorFile)) : Optional.empty();
    }

    /** Begins a version anew. */
    void restart(Optional<String> validator) {
        try {
            FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)
                    .close();
            Files.deleteIfExists(validatorFile);
            if (validator.isPresent()) {
                Files.writeString(validatorFile, validator.get());
            }
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    /** A channel that appends; what it throws is about this machine's disk. */
    FileChannel append() {
        try {
            return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    void write(FileChannel channel, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    /** Refuses a download that cannot fit. */
    void checkSpace(long bytes) throws IOException {
        long free = Files.getFileStore(file).getUsableSpace();
        if (bytes > free) {
            throw new UnavailableException(("the model cache %s has %d bytes free and the download needs %d more: free "
                            + "space, or name another folder in EMBEDDING_OPERATOR_CACHE")
                    .formatted(file.getParent(), free, bytes));
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(validatorFile);
    }

    private UnavailableException cannotWrite(IOException cause) {
        return new UnavailableException(
                ("the download to %s cannot be written (%s): free space, or name another folder in "
                                + "EMBEDDING_OPERATOR_CACHE")
                        .formatted(file, cause.getMessage()),
                cause);
    }
}
