package io.embeddingoperator.openai.simulator.error;

/**
 * A refusal as OpenAI writes it.
 *
 * @param param the field of the request, or null
 * @param code what programs tell errors apart by, or null
 */
public record ApiError(int status, String message, String type, String param, String code) {
    private static final String INVALID_REQUEST = "invalid_request_error";

    public static ApiError invalid(String message) {
        return invalid(message, null, null);
    }

    public static ApiError invalid(String message, String param, String code) {
        return new ApiError(400, message, INVALID_REQUEST, param, code);
    }

    public static ApiError unauthorized(String message, String code) {
        return new ApiError(401, message, INVALID_REQUEST, null, code);
    }

    public static ApiError forbidden(String message, String code) {
        return new ApiError(403, message, INVALID_REQUEST, null, code);
    }

    public static ApiError notFound(String message, String param, String code) {
        return new ApiError(404, message, INVALID_REQUEST, param, code);
    }
}
