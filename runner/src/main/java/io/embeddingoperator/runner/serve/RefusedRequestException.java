package io.embeddingoperator.runner.serve;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request that is not answered with vectors. Its message is for the client, in the form that OpenAI's errors have. */
public final class RefusedRequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String type;
    private final transient Optional<String> field;
    private final transient Optional<Duration> retryAfter;

    private RefusedRequestException(
            int status,
            String type,
            Optional<String> field,
            Optional<Duration> retryAfter,
            String message,
            @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.type = type;
        this.field = field;
        this.retryAfter = retryAfter;
    }

    /**
     * The request is wrong, and would be at any time.
     *
     * @param field of its body
     */
    static RefusedRequestException invalid(String field, String message) {
        return of(400, field, message);
    }

    /** As above, with another status than 400. */
    static RefusedRequestException of(int status, String field, String message) {
        return new RefusedRequestException(
                status, "invalid_request_error", Optional.of(field), Optional.empty(), message, null);
    }

    /** There is no time for it now. */
    static RefusedRequestException busy(Duration retryAfter, String message) {
        return new RefusedRequestException(
                429, "rate_limit_error", Optional.empty(), Optional.of(retryAfter), message, null);
    }

    /** This process ends. */
    static RefusedRequestException ending() {
        return new RefusedRequestException(
                503,
                "server_error",
                Optional.empty(),
                Optional.of(Duration.ofSeconds(1)),
                "This endpoint is being stopped: send the request again, and another one takes it.",
                null);
    }

    /** The model failed. */
    static RefusedRequestException failed(String message, Throwable cause) {
        return new RefusedRequestException(500, "server_error", Optional.of("input"), Optional.empty(), message, cause);
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    Optional<String> field() {
        return field;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
