package io.embeddingoperator.runner.embed.openai.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailureKindsTest {
    private static final Instant NOW = Instant.parse("2026-11-26T06:00:00Z");

    private final FailureKinds kinds = new FailureKinds(
            new OpenAiEndpoint(
                    URI.create("https://api.example/v1"), "", "authorization", "Bearer ", Optional.of("key")),
            Clock.fixed(NOW, ZoneOffset.UTC));

    static Stream<Arguments> answers() {
        return Stream.of(
                row(
                        400,
                        openAi(
                                "Invalid 'input[17]': maximum input length is 8192 tokens.",
                                "invalid_request_error",
                                null,
                                "input"),
                        OpenAiFailure.BadRequest.class),
                row(
                        400,
                        openAi(
                                "This model's maximum context length is 8192 tokens, however you requested 9000 tokens",
                                "invalid_request_error",
                                null,
                                null),
                        OpenAiFailure.BadRequest.class),
                row(
                        400,
                        openAi(
                                "Requested 306153 tokens, max 300000 tokens per request",
                                "max_tokens_per_request",
                                "max_tokens_per_request",
                                null),
                        OpenAiFailure.TooLarge.class),
                row(
                        400,
                        openAi(
                                "'$.input' is invalid. Please check the API reference",
                                "invalid_request_error",
                                null,
                                null),
                        OpenAiFailure.BadRequest.class),
                row(
                        400,
                        openAi(
                                "Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with length 3000 instead.",
                                "invalid_request_error",
                                "array_above_max_length",
                                "input"),
                        OpenAiFailure.TooLarge.class),
                row(
                        400,
                        openAi(
                                "This model does not support specifying dimensions.",
                                "invalid_request_error",
                                null,
                                null),
                        OpenAiFailure.BadRequest.class),
                row(
                        401,
                        openAi("Incorrect API key provided", "invalid_request_error", "invalid_api_key", null),
                        OpenAiFailure.Unauthorized.class),
                row(
                        403,
                        openAi(
                                "Project `proj_1` does not have access to model `m`",
                                "invalid_request_error",
                                "model_not_found",
                                null),
                        OpenAiFailure.NotFound.class),
                row(
                        403,
                        openAi(
                                "Country, region, or territory not supported",
                                "request_forbidden",
                                "unsupported_country_region_territory",
                                null),
                        OpenAiFailure.Unauthorized.class),
                row(
                        403,
                        "{\"error\":{\"code\":403,\"message\":\"You do not have permission to access the File abc-1 or it"
                                + " may not exist.\",\"status\":\"PERMISSION_DENIED\"}}",
                        OpenAiFailure.NotFound.class),
                row(
                        404,
                        openAi("The model `m` does not exist", "invalid_request_error", "model_not_found", null),
                        OpenAiFailure.NotFound.class),
                row(
                        429,
                        openAi(
                                "Rate limit reached for m in organization o on tokens per min (TPM): Limit 1000000, Used 974150, Requested 34558. Please try again in 522ms.",
                                "tokens",
                                "rate_limit_exceeded",
                                null),
                        OpenAiFailure.RateLimited.class),
                row(
                        429,
                        openAi(
                                "Request too large for m in organization o on tokens per min (TPM): Limit 10000, Requested 34558.",
                                "tokens",
                                "rate_limit_exceeded",
                                null),
                        OpenAiFailure.TooLarge.class),
                row(429, openAi("Slow down", "rate_limit_error", "slow_down", null), OpenAiFailure.SlowDown.class),
                row(
                        429,
                        openAi("You exceeded your current quota", "insufficient_quota", "insufficient_quota", null),
                        OpenAiFailure.Billing.class),
                row(
                        429,
                        openAi("No credit", "insufficient_quota", "credit_balance_exhausted", null),
                        OpenAiFailure.Billing.class),
                row(
                        429,
                        openAi("Limit", "insufficient_quota", "organization_spend_limit_exceeded", null),
                        OpenAiFailure.Billing.class),
                row(
                        429,
                        openAi("Limit", "insufficient_quota", "project_spend_limit_exceeded", null),
                        OpenAiFailure.Billing.class),
                row(
                        429,
                        openAi("Limit", "insufficient_quota", "organization_usage_limit_exceeded", null),
                        OpenAiFailure.Billing.class),
                row(
                        503,
                        openAi("The server is overloaded", "service_unavailable_error", "server_is_overloaded", null),
                        OpenAiFailure.ServerTrouble.class),
                row(
                        503,
                        openAi("Slow down", "service_unavailable_error", "slow_down", null),
                        OpenAiFailure.SlowDown.class),
                row(
                        500,
                        openAi("The server had an error", "server_error", null, null),
                        OpenAiFailure.ServerTrouble.class),
                row(
                        502,
                        "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>",
                        OpenAiFailure.ServerTrouble.class),
                row(504, "", OpenAiFailure.ServerTrouble.class),
                row(408, "", OpenAiFailure.ServerTrouble.class),
                // Text Embeddings Inference
                row(
                        422,
                        "{\"message\":\"batch size 64 > maximum allowed batch size 32\",\"code\":422,\"type\":\"Validation\"}",
                        OpenAiFailure.TooLarge.class),
                row(
                        413,
                        "{\"message\":\"`inputs` must have less than 512 tokens. Given: 600\",\"code\":413,\"type\":\"Validation\"}",
                        OpenAiFailure.BadRequest.class),
                row(413, "length limit exceeded", OpenAiFailure.TooLarge.class),
                row(
                        424,
                        "{\"message\":\"backend\",\"code\":424,\"type\":\"Backend\"}",
                        OpenAiFailure.ServerTrouble.class),
                row(
                        429,
                        "{\"message\":\"Model is overloaded\",\"code\":429,\"type\":\"Overloaded\"}",
                        OpenAiFailure.RateLimited.class),
                // vLLM
                row(
                        400,
                        "{\"object\":\"error\",\"message\":\"This model's maximum context length is 512 tokens.\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}",
                        OpenAiFailure.BadRequest.class),
                row(
                        404,
                        "{\"object\":\"error\",\"message\":\"The model `m` does not exist.\",\"type\":\"NotFoundError\",\"param\":null,\"code\":404}",
                        OpenAiFailure.NotFound.class),
                // Infinity, behind FastAPI
                row(
                        422,
                        "{\"detail\":[{\"loc\":[\"body\",\"input\"],\"msg\":\"ensure this value has at most 122880 characters\",\"type\":\"value_error\"}]}",
                        OpenAiFailure.BadRequest.class),
                row(404, "{\"detail\":\"Not Found\"}", OpenAiFailure.NotFound.class),
                // Ollama, LiteLLM, Azure
                row(
                        404,
                        "{\"error\":\"model \\\"m\\\" not found, try pulling it first\"}",
                        OpenAiFailure.NotFound.class),
                row(
                        429,
                        "{\"error\":{\"message\":\"No deployments available\",\"type\":\"None\",\"param\":\"None\",\"code\":\"429\"}}",
                        OpenAiFailure.RateLimited.class),
                row(
                        401,
                        "{\"error\":{\"code\":\"401\",\"message\":\"Access denied due to invalid subscription key\"}}",
                        OpenAiFailure.Unauthorized.class),
                // Gemini
                row(
                        400,
                        "[{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API key.\",\"status\":\"INVALID_ARGUMENT\"}}]",
                        OpenAiFailure.Unauthorized.class),
                row(
                        400,
                        "[{\"error\":{\"code\":400,\"message\":\"* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\"}}]",
                        OpenAiFailure.TooLarge.class),
                row(
                        400,
                        "{\"detail\":\"Unable to submit request because the input token count is 20512 but the model supports up to 20000.\"}",
                        OpenAiFailure.TooLarge.class),
                // DashScope, Cohere, llama.cpp
                row(
                        400,
                        openAi(
                                "batch size is invalid, it should not be larger than 10.",
                                "InvalidParameter",
                                null,
                                null),
                        OpenAiFailure.TooLarge.class),
                row(
                        400,
                        "{\"message\":\"invalid request: total number of texts must be at most 96 - received 97\"}",
                        OpenAiFailure.TooLarge.class),
                row(
                        500,
                        openAi(
                                "input is too large to process. increase the physical batch size",
                                "server_error",
                                null,
                                null),
                        OpenAiFailure.BadRequest.class),
                // gateways that put errors into good replies
                row(200, "{\"error\":{\"message\":\"Rate limit\",\"code\":429}}", OpenAiFailure.RateLimited.class),
                row(200, "{\"error\":{\"message\":\"No model\",\"code\":404}}", OpenAiFailure.NotFound.class),
                row(200, "{\"error\":\"upstream is away\"}", OpenAiFailure.ServerTrouble.class),
                row(
                        402,
                        "{\"error\":{\"message\":\"Insufficient credits\",\"code\":402}}",
                        OpenAiFailure.Billing.class));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void tellsWhatAnAnswerMeans(int status, String body, Class<? extends OpenAiFailure> kind) {
        assertThat(kinds.of("POST https://api.example/v1/embeddings", reply(status, Map.of(), body)))
                .isInstanceOf(kind);
    }

    @Test
    void aCountryThatIsNotServedIsNoFaultOfTheKey() {
        OpenAiFailure failure = kinds.of(
                "POST https://api.example/v1/embeddings",
                reply(
                        403,
                        Map.of(),
                        openAi(
                                "Country, region, or territory not supported",
                                "request_forbidden",
                                "unsupported_country_region_territory",
                                null)));

        assertThat(failure.sentence())
                .contains("Country, region, or territory not supported", "run it elsewhere")
                .doesNotContain("API key");
    }

    @Test
    void saysWhoAnsweredAndWhatWasSaid() {
        OpenAiFailure failure = kinds.of(
                "POST https://api.example/v1/embeddings",
                reply(502, Map.of(), "<html><head><title>502 Bad Gateway</title></head></html>"));

        assertThat(failure.sentence())
                .isEqualTo("POST https://api.example/v1/embeddings answered 502 (502 Bad Gateway)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"at most 100 requests\",\"code\":400}}",
                "{\"error\":\"at most 100 requests\"}",
                "[{\"error\":{\"message\":\"at most 100 requests\",\"status\":\"INVALID_ARGUMENT\"}}]",
                "{\"detail\":\"at most 100 requests\"}",
                "{\"message\":\"at most 100 requests\"}",
                "{\"statusCode\":400,\"message\":\"at most 100 requests\"}",
                "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"at most 100 requests\"}]}",
                "{\"errors\":[{\"code\":7,\"message\":\"at most 100 requests\"}],\"success\":false}",
                "{\"error\":{\"reason\":\"at most 100 requests\"}}",
                "{\"reason\":\"at most 100 requests\"}",
                "[\"at most 100 requests\"]",
                "\"at most 100 requests\"",
                "at most 100 requests",
                "<html><head><title>at most 100 requests</title></head></html>"
            })
    void quotesWhatTheProviderSaysInWhateverForm(String body) {
        assertThat(kinds.of("POST", reply(400, Map.of(), body)).sentence())
                .startsWith("POST answered 400 (")
                .contains("at most 100 requests");
    }

    @Test
    void findsTheTextThatTheServerBlames() {
        OpenAiFailure.BadRequest failure = badRequest("Invalid 'input[17]': maximum input length is 8192 tokens.");

        assertThat(failure.input()).isEqualTo(OptionalInt.of(17));
        assertThat(failure.content()).isTrue();
    }

    @Test
    void aTextThatIsTooLongIsToldWithTheSettingsThatMakeItShorter() {
        OpenAiFailure.BadRequest failure = badRequest("This model's maximum context length is 512 tokens.");

        assertThat(failure.sentence())
                .isEqualTo("POST answered 400 (This model's maximum context length is 512 tokens.): lower"
                        + " spec.embedder.openai.maxTokens and spec.chunking.maxTokens to what the model takes");
    }

    @Test
    void aRequestThatIsWrongAsSuchBlamesNoText() {
        OpenAiFailure.BadRequest failure = badRequest("This model does not support specifying dimensions.");

        assertThat(failure.input()).isEmpty();
        assertThat(failure.content()).isFalse();
    }

    @Test
    void tellsHowLongTheServerAsksToWait() {
        assertThat(waitFor("Retry-After: 56")).contains(Duration.ofSeconds(56));
        assertThat(waitFor("retry-after-ms: 250")).contains(Duration.ofMillis(250));
        assertThat(waitFor("Retry-After: Thu, 26 Nov 2026 06:00:30 GMT")).contains(Duration.ofSeconds(30));
        assertThat(waitFor("Retry-After: soon")).isEmpty();
    }

    private Optional<Duration> waitFor(String header) {
        Map<String, String> headers = Map.of(
                header.substring(0, header.indexOf(':')).toLowerCase(java.util.Locale.ROOT),
                header.substring(header.indexOf(':') + 2));
        OpenAiFailure failure = kinds.of(
                "POST", reply(429, headers, openAi("Rate limit reached", "tokens", "rate_limit_exceeded", null)));
        assertThat(failure).isInstanceOf(OpenAiFailure.RateLimited.class);
        return ((OpenAiFailure.RateLimited) failure).retryAfter();
    }

    private OpenAiFailure.BadRequest badRequest(String message) {
        OpenAiFailure failure =
                kinds.of("POST", reply(400, Map.of(), openAi(message, "invalid_request_error", null, null)));
        assertThat(failure).isInstanceOf(OpenAiFailure.BadRequest.class);
        return (OpenAiFailure.BadRequest) failure;
    }

    private static Arguments row(int status, String body, Class<? extends OpenAiFailure> kind) {
        return Arguments.of(status, body, kind);
    }

    private static OpenAiReply reply(int status, Map<String, String> headers, String body) {
        return new OpenAiReply(status, headers, body.getBytes(UTF_8));
    }

    private static String openAi(String message, String type, String code, String param) {
        return "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"code\":%s,\"param\":%s}}"
                .formatted(message, type, quoted(code), quoted(param));
    }

    private static String quoted(String text) {
        return text == null ? "null" : "\"" + text + "\"";
    }
}
