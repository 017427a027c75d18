package io.embeddingoperator.runner.source.files;

import java.io.IOException;
import java.util.Optional;

/** Reads the records of one piece in order. Not for concurrent use. */
interface PieceReader extends AutoCloseable {
    /** The next record, or empty at the end of the piece. */
    Optional<FileRecord> next() throws IOException;

    /** Where the next record starts, in the format's own unit: {@link FileFormat#open} takes it to go on from here. */
    long offset();

    /** Bytes of the piece that are read so far. */
    long work();

    @Override
    void close() throws IOException;
}
