package io.embeddingoperator.runner.embed.openai.batch;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** What the files of batches are made of: a document is one line, or one line a text. */
public sealed interface BatchLines permits RequestLines, GeminiLines {
    /** The most tokens of a document, over all its texts: one of more is embedded by requests of its own. */
    int tokens();

    /**
     * Writes the lines of a document, their ends included.
     *
     * @param customId of the document
     */
    void write(OutputStream out, String customId, List<String> inputs) throws IOException;

    /** Bytes that a document takes, in any batch. */
    default long bytes(List<String> inputs) {
        CountingStream count = new CountingStream();
        try {
            write(count, CustomId.measure(), inputs);
        } catch (IOException e) {
            throw new UncheckedIOException("counting cannot fail", e);
        }
        return count.bytes();
    }
}
