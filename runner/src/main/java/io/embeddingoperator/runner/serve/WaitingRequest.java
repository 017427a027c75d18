package io.embeddingoperator.runner.serve;

import io.embeddingoperator.runner.embed.InputType;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A request whose texts wait for their vectors. */
final class WaitingRequest {
    private final List<TokenizedText> texts;
    private final InputType type;
    private final float[][] vectors;
    private final AtomicInteger missing;
    private final CompletableFuture<float[][]> result = new CompletableFuture<>();

    WaitingRequest(List<TokenizedText> texts, InputType type) {
        this.texts = List.copyOf(texts);
        this.type = Objects.requireNonNull(type, "type");
        this.vectors = new float[texts.size()][];
        this.missing = new AtomicInteger(texts.size());
    }

    List<TokenizedText> texts() {
        return texts;
    }

    InputType type() {
        return type;
    }

    int tokens() {
        return texts.stream().mapToInt(TokenizedText::length).sum();
    }

    /** One vector a text, in their order; fails with a {@link RefusedRequestException}, or is cancelled by a client that went away. */
    CompletableFuture<float[][]> result() {
        return result;
    }

    void embedded(int text, float[] vector) {
        vectors[text] = vector;
        if (missing.decrementAndGet() == 0) {
            result.complete(vectors);
        }
    }

    void failed(RefusedRequestException failure) {
        result.completeExceptionally(failure);
    }
}
