package io.embeddingoperator.runner.batch;

import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.List;

/** Chunks of one call of the embedder, the longest first. */
public record Batch(List<PendingChunk> chunks) {
    public Batch {
        chunks = List.copyOf(chunks);
        if (chunks.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one chunk");
        }
    }

    public List<TokenizedText> texts() {
        return chunks.stream().map(pending -> pending.chunk().tokens()).toList();
    }

    /** What the model computes: chunks × tokens of the longest. */
    public long paddedTokens() {
        return (long) chunks.size() * chunks.getFirst().tokens();
    }

    public Batch firstHalf() {
        return new Batch(chunks.subList(0, chunks.size() / 2));
    }

    public Batch secondHalf() {
        return new Batch(chunks.subList(chunks.size() / 2, chunks.size()));
    }
}
