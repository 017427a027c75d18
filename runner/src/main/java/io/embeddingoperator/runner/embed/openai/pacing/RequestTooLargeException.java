package io.embeddingoperator.runner.embed.openai.pacing;

import java.util.Objects;

/** A request asks for more tokens than the account's whole limit: no waiting helps, it must be divided. */
public final class RequestTooLargeException extends Exception {
    private final long mostTokens;

    RequestTooLargeException(long tokens, long mostTokens) {
        super("a request of %,d tokens, of which the account's limit allows %,d: divide it"
                .formatted(tokens, mostTokens));
        this.mostTokens = mostTokens;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** What a request may have. */
    public long mostTokens() {
        return mostTokens;
    }
}
