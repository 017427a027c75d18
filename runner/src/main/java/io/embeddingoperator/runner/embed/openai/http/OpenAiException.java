package io.embeddingoperator.runner.embed.openai.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request that got no good reply. */
public final class OpenAiException extends Exception {
    private final transient OpenAiFailure failure;

    public OpenAiException(OpenAiFailure failure) {
        super(failure.sentence());
        this.failure = failure;
    }

    public OpenAiException(OpenAiFailure failure, @Nullable Throwable cause) {
        super(failure.sentence(), cause);
        this.failure = failure;
    }

    /** The failure's sentence. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** What went wrong, in the kinds that differ in what is to be done. */
    public OpenAiFailure failure() {
        return failure;
    }
}
