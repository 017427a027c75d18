package io.embeddingoperator.openai.simulator.file;

import java.io.IOException;
import java.io.OutputStream;

/** What a file holds. */
public interface Content {
    long length();

    void writeTo(OutputStream out) throws IOException;

    /** The file has been deleted, or the simulator is closed. */
    void discard() throws IOException;
}
