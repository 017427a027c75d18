package io.embeddingoperator.runner.batch;

import io.embeddingoperator.runner.embed.Packing;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Chunks of one call of the embedder; where texts are padded, the longest first. */
public record Batch(List<WaitingChunk> chunks, Packing packing) {
    public Batch {
        Objects.requireNonNull(packing, "packing");
        chunks = List.copyOf(chunks);
        if (chunks.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one chunk");
        }
    }

    /** For an embedder that pads. */
    public Batch(List<WaitingChunk> chunks) {
        this(chunks, Packing.PADDED);
    }

    public List<TokenizedText> texts() {
        return chunks.stream().map(WaitingChunk::text).toList();
    }

    /** What the model computes, padding included. */
    public long paddedTokens() {
        return switch (packing) {
            case PADDED -> (long) chunks.size() * chunks.getFirst().tokens();
            case SUMMED -> chunks.stream().mapToLong(WaitingChunk::tokens).sum();
        };
    }

    /** All but one, of which there must be more. */
    public Batch without(int chunk) {
        List<WaitingChunk> others = new ArrayList<>(chunks);
        others.remove(chunk);
        return new Batch(others, packing);
    }

    public Batch firstHalf() {
        return new Batch(chunks.subList(0, chunks.size() / 2), packing);
    }

    public Batch secondHalf() {
        return new Batch(chunks.subList(chunks.size() / 2, chunks.size()), packing);
    }
}
