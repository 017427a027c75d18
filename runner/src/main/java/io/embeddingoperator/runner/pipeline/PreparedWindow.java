package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.WaitingChunk;
import java.util.List;

/** A window with the chunks of its waiting documents, tokenized. */
record PreparedWindow(Window<WaitingDocument> window, List<WaitingChunk> chunks) {
    PreparedWindow {
        chunks = List.copyOf(chunks);
    }
}
