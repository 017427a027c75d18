package io.embeddingoperator.runner.sink.pending;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.pipeline.EmbeddedChunk;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A document whose chunks are known and whose vectors come later.
 *
 * @param chunks in the order of the text, at least one
 * @param requestBytes of its line in a batch's file
 * @param oversize whether it is too large for a line, so that it is embedded in realtime
 */
public record PackedDocument(
        Document document, DocumentHash hash, List<ChunkSpan> chunks, long requestBytes, boolean oversize) {
    public PackedDocument {
        Objects.requireNonNull(document, "document");
        Objects.requireNonNull(hash, "hash");
        chunks = List.copyOf(chunks);
        if (chunks.isEmpty()) {
            throw new IllegalArgumentException("document " + document.key() + " has no chunk");
        }
    }

    /** Tokens of all chunks. */
    public long tokens() {
        return chunks.stream().mapToLong(ChunkSpan::tokens).sum();
    }

    /** The content of a chunk. */
    public String content(int chunk) {
        ChunkSpan span = chunks.get(chunk);
        return document.text().substring(span.start(), span.end());
    }

    /** The document with its vectors, one a chunk. */
    public EmbeddedDocument embedded(float[][] vectors) {
        List<EmbeddedChunk> embedded = new ArrayList<>(vectors.length);
        // Providers that take batches count in tokens of bytes, which know every text.
        for (int i = 0; i < vectors.length; i++) {
            ChunkSpan span = chunks.get(i);
            embedded.add(new EmbeddedChunk(
                    i, span.start(), span.end(), content(i), span.tokens(), span.truncated(), false, vectors[i]));
        }
        return new EmbeddedDocument(document, hash, embedded);
    }
}
