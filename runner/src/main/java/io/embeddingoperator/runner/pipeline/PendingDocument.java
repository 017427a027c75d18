package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import java.util.List;

/** A document whose chunks wait for their vectors. */
public record PendingDocument(Document document, DocumentHash hash, List<Chunk> chunks) {
    public PendingDocument {
        chunks = List.copyOf(chunks);
    }
}
