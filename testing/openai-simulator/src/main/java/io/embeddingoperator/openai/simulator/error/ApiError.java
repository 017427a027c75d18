package io.embeddingoperator.openai.simulator.error;

import org.jspecify.annotations.Nullable;

/**
 * A refusal as OpenAI writes it.
 *
 * @param type the kind of refusal, or null
 * @param param the field of the request, or null
 * @param code what programs tell errors apart by, or null
 */
public record ApiError(
        int status,
        String message,
        @Nullable String type,
        @Nullable String param,
        @Nullable String code) {
    private static final String INVALID_REQUEST = "invalid_request_error";

    public static ApiError invalid(String message) {
        return invalid(message, null, null);
    }

    public static ApiError invalid(String message, @Nullable String param, @Nullable String code) {
        return new ApiError(400, message, INVALID_REQUEST, param, code);
    }

    public static ApiError unauthorized(String message, @Nullable String code) {
        return new ApiError(401, message, INVALID_REQUEST, null, code);
    }

    public static ApiError forbidden(String message, @Nullable String code) {
        return new ApiError(403, message, INVALID_REQUEST, null, code);
    }

    public static ApiError notFound(String message, @Nullable String param, @Nullable String code) {
        return new ApiError(404, message, INVALID_REQUEST, param, code);
    }
}
