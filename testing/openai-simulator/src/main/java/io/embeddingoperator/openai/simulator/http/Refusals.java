package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import io.embeddingoperator.openai.simulator.limit.Admission;
import io.embeddingoperator.openai.simulator.limit.Quota;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Errors as a profile's server answers them. */
final class Refusals {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final String GATEWAY_PAGE = """
            <html>
            <head><title>%1$d %2$s</title></head>
            <body>
            <center><h1>%1$d %2$s</h1></center>
            <hr><center>cloudflare</center>
            </body>
            </html>
            """;

    private Refusals() {}

    static Reply reply(ApiError error, Profile profile) {
        return Reply.json(error.status(), profile.errors().body(error));
    }

    /** What the limiter refuses. */
    static Reply reply(Admission.Refused refused, Profile profile, String model) {
        Map<String, String> headers = new LinkedHashMap<>();
        // No waiting helps a request that is too large.
        boolean clears = !(refused instanceof Admission.RequestTooLarge);
        String message = switch (profile) {
            case AZURE ->
                "Requests to the Embeddings_Create Operation under Azure OpenAI API have exceeded the "
                        + refused.type() + " rate limit of " + model + ". Please retry after "
                        + refused.retryAfterSeconds()
                        + " seconds.";
            case TEXT_EMBEDDINGS_INFERENCE, INFINITY -> "Model is overloaded";
            case OPENAI, VLLM, VLLM_WITHOUT_BASE64, OLLAMA, LITELLM, MISTRAL, GEMINI -> refused.message();
        };
        switch (profile) {
            case OPENAI -> {
                if (clears) {
                    headers.put("retry-after", Long.toString(refused.retryAfterSeconds()));
                }
            }
            case AZURE -> {
                headers.put("retry-after", Long.toString(refused.retryAfterSeconds()));
                headers.put(
                        "retry-after-ms",
                        Long.toString(Math.max(1, refused.tryAgainIn().toMillis())));
            }
            case TEXT_EMBEDDINGS_INFERENCE, INFINITY, VLLM, VLLM_WITHOUT_BASE64, OLLAMA, LITELLM, MISTRAL, GEMINI -> {}
        }
        return reply(new ApiError(TOO_MANY_REQUESTS, message, refused.type(), null, refused.code()), profile)
                .with(headers);
    }

    /** What a fault refuses. */
    static Reply reply(Fault.Refusal refusal, Profile profile, Supplier<Quota> quota) {
        return switch (refusal) {
            case Fault.RateLimit(RetryAfter retryAfter, boolean limitHeaders) ->
                reply(
                                new ApiError(
                                        TOO_MANY_REQUESTS,
                                        "Rate limit reached for requests",
                                        "requests",
                                        null,
                                        "rate_limit_exceeded"),
                                profile)
                        .with(limitHeaders ? quota.get().headers(profile.headers()) : Map.of())
                        .with(retryAfter.headers());
            case Fault.SlowDown(RetryAfter retryAfter) -> {
                Admission.SlowDown slowDown = new Admission.SlowDown(quota.get(), Duration.ZERO);
                yield reply(
                                new ApiError(
                                        TOO_MANY_REQUESTS, slowDown.message(), slowDown.type(), null, slowDown.code()),
                                profile)
                        .with(slowDown.quota().headers(profile.headers()))
                        .with(retryAfter.headers());
            }
            case Fault.Billing(var code) ->
                reply(
                        new ApiError(TOO_MANY_REQUESTS, code.message(), "insufficient_quota", null, code.code()),
                        profile);
            case Fault.ServerError error ->
                serverError(error, profile).with(error.retryAfter().headers());
            case Fault.Answer(int status, String message, String type, String code) ->
                reply(new ApiError(status, message, type, null, code), profile);
            case Fault.Verbatim(int status, String contentType, String body) -> Reply.text(status, contentType, body);
            case Fault.OfTexts refused -> reply(refused.error(), profile);
        };
    }

    private static Reply serverError(Fault.ServerError error, Profile profile) {
        String name = switch (error.status()) {
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Time-out";
            default -> "Internal Server Error";
        };
        return switch (error.page()) {
            case HTML -> Reply.text(error.status(), "text/html", GATEWAY_PAGE.formatted(error.status(), name));
            case EMPTY -> Reply.text(error.status(), "text/plain", "");
            case JSON -> {
                ApiError json = error.status() == 503
                        ? new ApiError(
                                503,
                                "The server is currently overloaded with other requests. Sorry about that! You can retry your"
                                        + " request, or contact us through our help center if the error persists.",
                                "service_unavailable_error",
                                null,
                                "server_is_overloaded")
                        : new ApiError(
                                error.status(),
                                "The server had an error while processing your request. Sorry about that!",
                                "server_error",
                                null,
                                null);
                ObjectNode body = profile.errors().body(json);
                yield Reply.json(error.status(), body);
            }
        };
    }
}
