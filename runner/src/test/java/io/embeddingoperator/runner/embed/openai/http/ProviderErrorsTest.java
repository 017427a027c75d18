package io.embeddingoperator.runner.embed.openai.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors word for word as providers' references and their users' reports have them. */
class ProviderErrorsTest {
    private final FailureKinds kinds = new FailureKinds(
            new OpenAiEndpoint(
                    URI.create("https://api.example/v1"),
                    "",
                    "authorization",
                    "Bearer ",
                    Optional.of("sk-of-this-test")),
            Clock.systemUTC());

    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of(
                        "Gemini",
                        429,
                        "[{\"error\":{\"code\":429,\"message\":\"Resource has been exhausted (e.g. check quota).\",\"status\":\"RESOURCE_EXHAUSTED\"}}]",
                        OpenAiFailure.RateLimited.class,
                        "Resource has been exhausted (e.g. check quota)."),
                Arguments.of(
                        "Mistral",
                        400,
                        "{\"object\":\"error\",\"message\":\"Too many tokens in batch. Max is 16384 got 17555\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}",
                        OpenAiFailure.TooLarge.class,
                        "Max is 16384 got 17555"),
                Arguments.of(
                        "Mistral",
                        400,
                        "{\"object\":\"error\",\"message\":\"Too many tokens overall, split into more batches.\",\"type\":\"invalid_request_prompt\",\"param\":null,\"code\":\"3210\"}",
                        OpenAiFailure.TooLarge.class,
                        "split into more batches"),
                Arguments.of(
                        "Mistral",
                        400,
                        "{\"object\":\"error\",\"message\":\"Too many inputs in request, split into more batches.\",\"type\":\"invalid_request_prompt\",\"param\":null,\"code\":\"3210\"}",
                        OpenAiFailure.TooLarge.class,
                        "Too many inputs"),
                Arguments.of(
                        "Mistral",
                        422,
                        "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"dimensions\"],\"msg\":\"Extra inputs are not permitted\",\"input\":256}]},\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}",
                        OpenAiFailure.BadRequest.class,
                        "\"dimensions\"],\"msg\":\"Extra inputs are not permitted\""),
                Arguments.of(
                        "Voyage",
                        400,
                        "{\"detail\":\"Request to model 'voyage-3-large' failed. The max allowed tokens per submitted batch is 120000. Your batch has 124302 tokens after truncation. Please lower the number of tokens in the batch.\"}",
                        OpenAiFailure.TooLarge.class,
                        "per submitted batch is 120000"),
                Arguments.of(
                        "Voyage",
                        401,
                        "{\"detail\":\"Provided API key is invalid.\"}",
                        OpenAiFailure.Unauthorized.class,
                        "Provided API key is invalid."),
                Arguments.of(
                        "Cohere",
                        401,
                        "{\"id\":\"7c3a\",\"message\":\"invalid api token\"}",
                        OpenAiFailure.Unauthorized.class,
                        "invalid api token"),
                Arguments.of(
                        "Cohere",
                        429,
                        "{\"message\":\"You are using a Trial key, which is limited to 100 API calls / minute.\"}",
                        OpenAiFailure.RateLimited.class,
                        "limited to 100 API calls"),
                Arguments.of(
                        "Jina",
                        400,
                        "{\"detail\":\"Validation error: 'body -> jina-embeddings-v4' Each input list can contain at most 512 items.. Field errors: : Invalid value\"}",
                        OpenAiFailure.TooLarge.class,
                        "at most 512 items"),
                Arguments.of(
                        "Jina",
                        400,
                        "{\"detail\":\"Single text cannot exceed 8194 tokens. 8746 tokens given.\"}",
                        OpenAiFailure.BadRequest.class,
                        "8746 tokens given"),
                Arguments.of(
                        "DashScope",
                        400,
                        "{\"error\":{\"message\":\"<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents\",\"type\":\"InvalidParameter\",\"param\":null,\"code\":\"InvalidParameter\"},\"request_id\":\"d0722c3e\"}",
                        OpenAiFailure.TooLarge.class,
                        "should not be larger than 10"),
                Arguments.of(
                        "DashScope",
                        401,
                        "{\"code\":\"InvalidApiKey\",\"message\":\"Invalid API-key provided.\",\"request_id\":\"fb53c4ec\"}",
                        OpenAiFailure.Unauthorized.class,
                        "Invalid API-key provided."),
                Arguments.of(
                        "DashScope",
                        429,
                        "{\"error\":{\"message\":\"Allocated quota exceeded, please increase your quota limit.\",\"id\":\"920c6f68\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}",
                        OpenAiFailure.RateLimited.class,
                        "Allocated quota exceeded"),
                Arguments.of(
                        "DashScope",
                        400,
                        "{\"error\":{\"message\":\"Access denied, please make sure your account is in good standing.\",\"type\":\"Arrearage\",\"param\":null,\"code\":\"Arrearage\"}}",
                        OpenAiFailure.Billing.class,
                        "good standing"),
                Arguments.of(
                        "VertexAI",
                        401,
                        "[{\"error\":{\"code\":401,\"message\":\"Request had invalid authentication credentials.\",\"status\":\"UNAUTHENTICATED\"}}]",
                        OpenAiFailure.Unauthorized.class,
                        "invalid authentication credentials"));
    }

    @ParameterizedTest(name = "{0} {1} {3}")
    @MethodSource("errors")
    void isToldForWhatItIsInTheProvidersWords(
            String provider, int status, String body, Class<? extends OpenAiFailure> kind, String words) {
        OpenAiFailure failure = kinds.of("POST", reply(status, body));

        assertThat(failure).as(provider).isInstanceOf(kind);
        assertThat(failure.sentence()).contains(words);
    }

    @Test
    void voyageNamesTheTextThatIsTooLong() {
        OpenAiFailure failure = kinds.of(
                "POST",
                reply(
                        400,
                        "{\"detail\":\"The example at index 3 in your batch has too many tokens and does not fit into the model's context window of 32000 tokens.\"}"));

        assertThat(failure).isInstanceOfSatisfying(OpenAiFailure.BadRequest.class, refused -> {
            assertThat(refused.input()).isEqualTo(OptionalInt.of(3));
            assertThat(refused.content()).isTrue();
        });
    }

    @Test
    void aTextBeyondThePhysicalBatchOfLlamaCppIsToldWithTheSettings() {
        OpenAiFailure failure = kinds.of(
                "POST",
                reply(
                        500,
                        "{\"error\":{\"code\":500,\"message\":\"input (992 tokens) is too large to process. increase the physical batch size (current batch size: 512)\",\"type\":\"server_error\"}}"));

        assertThat(failure)
                .isInstanceOfSatisfying(
                        OpenAiFailure.BadRequest.class,
                        refused -> assertThat(refused.content()).isTrue());
        assertThat(failure.sentence())
                .isEqualTo("POST answered 500 (input (992 tokens) is too large to process. increase the physical batch"
                        + " size (current batch size: 512)): start llama.cpp with a larger --ubatch-size and --batch-size,"
                        + " or lower spec.embedder.openai.maxTokens and spec.chunking.maxTokens");
    }

    private static OpenAiReply reply(int status, String body) {
        return new OpenAiReply(status, Map.of(), body.getBytes(UTF_8));
    }
}
