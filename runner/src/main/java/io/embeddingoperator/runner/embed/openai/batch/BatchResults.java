package io.embeddingoperator.runner.embed.openai.batch;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The results of a batch's output or error file, of one document after the other. */
public sealed interface BatchResults permits ResultReader, JoinedResults {
    /**
     * The next result; null at the end.
     *
     * @throws IOException when the stream fails; what is wrong with a line alone is told by its {@link ResultLine}
     */
    @Nullable
    ResultLine next() throws IOException;

    /** Bytes that were read so far. */
    long bytes();
}
