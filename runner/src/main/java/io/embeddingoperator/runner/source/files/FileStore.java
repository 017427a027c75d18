package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Stream;

/**
 * Where files lie. All methods may be called by many threads at once, and throw a
 * {@link io.embeddingoperator.runner.failure.RunnerException} where a file or the store cannot be reached.
 */
public interface FileStore extends AutoCloseable {
    /** The files of the source, in the order in which a shard reads them as far as the store knows it; never empty. */
    Stream<StoredFile> list();

    /** Ends the run where the file is gone, or is not what it was when it was listed. */
    void refuseChanged(StoredFile listed);

    /** The file will be opened soon, from its first byte on: a store that answers after a while may ask for it now. */
    default void expect(StoredFile file) {}

    /**
     * The bytes of a file from an offset on; reading them throws IOException when the store fails.
     *
     * @param file as it was listed
     * @param to the byte behind the last one that is wanted: the store may end there, or go on
     */
    InputStream open(StoredFile file, long from, long to) throws IOException;

    @Override
    default void close() {}
}
