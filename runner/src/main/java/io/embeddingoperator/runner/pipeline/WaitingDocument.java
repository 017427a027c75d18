package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A document whose chunks are known and wait for their vectors.
 *
 * @param chunks in the order of the text, at least one
 * @param lineBytes of its line in a batch's file; 0 where it is not written down for a batch
 * @param oversize whether it is too large for a line, so that it is embedded by requests
 */
public record WaitingDocument(
        Document document, DocumentHash hash, List<Chunk> chunks, long lineBytes, boolean oversize) {
    public WaitingDocument {
        Objects.requireNonNull(document, "document");
        Objects.requireNonNull(hash, "hash");
        chunks = List.copyOf(chunks);
        if (chunks.isEmpty()) {
            throw new IllegalArgumentException("document " + document.key() + " has no chunk");
        }
    }

    /** A document that waits in memory alone. */
    public WaitingDocument(Document document, DocumentHash hash, List<Chunk> chunks) {
        this(document, hash, chunks, 0, false);
    }

    /** The same one, as it is written down for a batch. */
    public WaitingDocument inLine(long bytes, boolean isOversize) {
        return new WaitingDocument(document, hash, chunks, bytes, isOversize);
    }

    /** Tokens of all chunks. */
    public long tokens() {
        return chunks.stream().mapToLong(Chunk::tokens).sum();
    }

    /** The document with its vectors, one a chunk. */
    public EmbeddedDocument embedded(float[][] vectors) {
        List<EmbeddedChunk> embedded = new ArrayList<>(vectors.length);
        for (int i = 0; i < vectors.length; i++) {
            embedded.add(new EmbeddedChunk(chunks.get(i), vectors[i]));
        }
        return new EmbeddedDocument(document, hash, embedded);
    }
}
