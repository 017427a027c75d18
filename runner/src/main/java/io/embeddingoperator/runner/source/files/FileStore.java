package io.embeddingoperator.runner.source.files;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Where files lie. All methods may be called by many threads at once, and throw a
 * {@link io.embeddingoperator.runner.failure.RunnerException} where a file or the store cannot be reached.
 */
public interface FileStore {
    /** The files of the source, sorted by path; never empty. */
    List<StoredFile> list();

    /** The file as it is now. */
    StoredFile find(String path);

    /** The bytes of a file from an offset to its end; reading them throws IOException when the store fails. */
    InputStream open(String path, long from) throws IOException;
}
