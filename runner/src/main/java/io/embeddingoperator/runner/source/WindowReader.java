package io.embeddingoperator.runner.source;

import java.util.Optional;

/** Reads a range window by window. Not for concurrent use. */
public interface WindowReader extends AutoCloseable {
    /** The next window, or empty at the end of the range. A window may hold only failed documents. */
    Optional<SourceWindow> next();

    @Override
    void close();
}
