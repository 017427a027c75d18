package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import java.util.List;
import java.util.Objects;

/** A document with all its chunks, never with some of them. */
public record EmbeddedDocument(Document document, DocumentHash hash, List<EmbeddedChunk> chunks) {
    public EmbeddedDocument {
        Objects.requireNonNull(document, "document");
        Objects.requireNonNull(hash, "hash");
        chunks = List.copyOf(chunks);
        if (chunks.isEmpty()) {
            throw new IllegalArgumentException("document " + document.key() + " has no chunk");
        }
        int end = document.text().length();
        if (chunks.stream().anyMatch(embedded -> embedded.chunk().end() > end)) {
            throw new IllegalArgumentException("a chunk of document " + document.key() + " ends behind its text");
        }
    }
}
