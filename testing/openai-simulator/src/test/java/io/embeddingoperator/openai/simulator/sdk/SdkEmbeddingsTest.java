package io.embeddingoperator.openai.simulator.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.http.HttpResponseFor;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIInvalidDataException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams.EncodingFormat;
import com.openai.models.models.Model;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorClock;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.embedding.SimulatedVectors;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.embedding.Tokens;
import io.embeddingoperator.openai.simulator.fault.BillingCode;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.testing.TestingOpenAi;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** OpenAI's own client finds what it expects. */
class SdkEmbeddingsTest {
    private static final String MODEL = "text-embedding-3-small";
    private static final Account OTHER = new Account("sk-other", "proj_other", "org-other", Set.of(MODEL));

    private OpenAiSimulator simulator;
    private OpenAIClient client;

    @BeforeEach
    void start() {
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withAccounts(Account.DEFAULT, OTHER)
                .withClock(SimulatorClock.standing(Instant.parse("2026-11-26T06:00:00Z"))));
        client = TestingOpenAi.client(simulator);
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private static EmbeddingCreateParams.Builder asking() {
        return EmbeddingCreateParams.builder().model(MODEL).encodingFormat(EncodingFormat.FLOAT);
    }

    private CreateEmbeddingResponse embed(EmbeddingCreateParams.Builder params) {
        return client.embeddings().create(params.build());
    }

    private static float[] floats(CreateEmbeddingResponse reply, int place) {
        List<Float> values = reply.data().get(place).embedding();
        float[] floats = new float[values.size()];
        for (int at = 0; at < floats.length; at++) {
            floats[at] = values.get(at);
        }
        return floats;
    }

    @ParameterizedTest
    @EnumSource(
            names = {"FLOAT", "BASE64"},
            value = EncodingFormat.Known.class)
    void textsComeBackAsTheirVectorsInBothForms(EncodingFormat.Known format) {
        // when
        CreateEmbeddingResponse reply =
                embed(asking().encodingFormat(EncodingFormat.of(format.name().toLowerCase(Locale.ROOT)))
                        .inputOfArrayOfStrings(List.of("a fox", "a dog and a cat"))
                        .dimensions(64));

        // then
        assertThat(reply.model()).isEqualTo(MODEL);
        assertThat(reply.data()).hasSize(2);
        assertThat(floats(reply, 0)).containsExactly(SimulatedVectors.vector(MODEL, "a fox", 64));
        assertThat(floats(reply, 1)).containsExactly(SimulatedVectors.vector(MODEL, "a dog and a cat", 64));
        assertThat(reply.usage().promptTokens()).isEqualTo(Tokens.count("a fox") + Tokens.count("a dog and a cat"));
        assertThat(simulator.violations()).isEmpty();
    }

    @Test
    void modelsAreListedThatTheProjectMayUse() {
        assertThat(client.models().list().data()).extracting(Model::id).contains(MODEL, "text-embedding-3-large");
        OpenAIClient other = TestingOpenAi.client(simulator, OTHER.key());
        assertThat(other.models().list().data()).extracting(Model::id).doesNotContain(MODEL);
        other.close();
    }

    @Test
    void tokensOfATextHaveTheVectorOfTheText() {
        // when: "hello world" in cl100k_base
        CreateEmbeddingResponse one = embed(asking().inputOfArrayOfTokens(List.of(15339L, 1917L)));
        CreateEmbeddingResponse two =
                embed(asking().inputOfArrayOfTokenArrays(List.of(List.of(15339L, 1917L), List.of(1917L))));

        // then
        float[] expected = SimulatedVectors.vector(MODEL, "hello world", 1536);
        assertThat(floats(one, 0)).containsExactly(expected);
        assertThat(floats(two, 0)).containsExactly(expected);
        assertThat(two.usage().totalTokens()).isEqualTo(3);
    }

    @Test
    void headersTellWhatIsLeft() {
        try (HttpResponseFor<CreateEmbeddingResponse> reply = client.embeddings()
                .withRawResponse()
                .create(asking().input("hello world").build())) {
            assertThat(reply.headers().values("x-ratelimit-remaining-requests")).containsExactly("9999");
            assertThat(reply.headers().values("x-ratelimit-reset-requests")).containsExactly("6ms");
            assertThat(reply.headers().values("x-ratelimit-remaining-tokens")).containsExactly("9999998");
            assertThat(reply.requestId())
                    .hasValueSatisfying(id -> assertThat(id).startsWith("req_"));
        }
    }

    @Test
    void everyTokenIsBilled() {
        // when
        embed(asking().inputOfArrayOfStrings(List.of("hello world", "hello")));
        embed(asking().input("hello world"));

        // then
        assertThat(simulator.ledger().tokens()).isEqualTo(5);
        assertThat(simulator.ledger().costUsd()).isEqualByComparingTo(new BigDecimal("0.0000001"));
        assertThat(simulator.ledger().bills()).hasSize(2);
        assertThat(simulator.ledger().timesBilled(MODEL, "hello world")).isEqualTo(2);
        assertThat(simulator.ledger().timesBilled(MODEL, "hello")).isEqualTo(1);
        assertThat(simulator.ledger().textsDeliveredTwice()).isEqualTo(1);
        assertThat(simulator.statuses().of(Endpoint.EMBEDDINGS, 200)).isEqualTo(2);
    }

    @Test
    void whatIsTooLongIsRefusedInOpenAisWords() {
        String tooLong = "hello ".repeat(8_300);
        assertThatThrownBy(() -> embed(asking().inputOfArrayOfStrings(List.of("good", tooLong))))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("Invalid 'input[1]': maximum input length is 8192 tokens.");
        assertThat(simulator.violations()).isEmpty();
    }

    @Test
    void aSumOfMoreThan300000TokensIsRefused() {
        List<String> texts = Collections.nCopies(60, "hello ".repeat(5_100));
        assertThatThrownBy(() -> embed(asking().inputOfArrayOfStrings(texts)))
                .isInstanceOfSatisfying(BadRequestException.class, refused -> {
                    assertThat(refused.code()).contains("max_tokens_per_request");
                    assertThat(refused.type()).contains("max_tokens_per_request");
                })
                .hasMessageContaining("tokens, max 300000 tokens per request");
        assertThat(simulator.violations()).isNotEmpty();
    }

    @Test
    void moreThan2048InputsAreRefused() {
        assertThatThrownBy(() -> embed(asking().inputOfArrayOfStrings(Collections.nCopies(2_049, "a"))))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("Expected an array with maximum length 2048");
        assertThat(embed(asking().inputOfArrayOfStrings(Collections.nCopies(2_048, "a"))
                                .dimensions(1))
                        .data())
                .hasSize(2_048);
        assertThat(simulator.violations()).hasSize(1);
    }

    @Test
    void emptyInputsAreRefused() {
        for (EmbeddingCreateParams.Builder empty : List.of(
                asking().input(""),
                asking().inputOfArrayOfStrings(List.of("a", "")),
                asking().inputOfArrayOfStrings(new ArrayList<>()))) {
            assertThatThrownBy(() -> embed(empty))
                    .isInstanceOf(BadRequestException.class)
                    .hasMessageContaining("'$.input' is invalid. Please check the API reference");
        }
    }

    @Test
    void dimensionsAreForTheThirdSeriesAlone() {
        assertThatThrownBy(() -> embed(
                        asking().model("text-embedding-ada-002").input("a").dimensions(100)))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("This model does not support specifying dimensions.");
        assertThatThrownBy(() -> embed(asking().input("a").dimensions(2_000))).isInstanceOf(BadRequestException.class);
        assertThatThrownBy(() -> embed(asking().input("a").dimensions(0))).isInstanceOf(BadRequestException.class);
        assertThat(floats(embed(asking().model("text-embedding-ada-002").input("a")), 0))
                .hasSize(1536);
    }

    @Test
    void keysModelsAndProjectsAreChecked() {
        OpenAIClient stranger = TestingOpenAi.client(simulator, "sk-stranger");
        OpenAIClient other = TestingOpenAi.client(simulator, "sk-other");
        assertThatThrownBy(
                        () -> stranger.embeddings().create(asking().input("a").build()))
                .isInstanceOfSatisfying(
                        UnauthorizedException.class,
                        refused -> assertThat(refused.code()).contains("invalid_api_key"))
                .hasMessageContaining("Incorrect API key provided")
                .hasMessageNotContaining("sk-stranger");
        assertThatThrownBy(() -> other.embeddings().create(asking().input("a").build()))
                .isInstanceOfSatisfying(
                        PermissionDeniedException.class,
                        refused -> assertThat(refused.code()).contains("model_not_found"))
                .hasMessageContaining("Project `proj_other` does not have access to model `" + MODEL + "`");
        stranger.close();
        other.close();
        assertThatThrownBy(() -> embed(asking().model("text-embedding-4").input("a")))
                .isInstanceOfSatisfying(
                        NotFoundException.class,
                        refused -> assertThat(refused.code()).contains("model_not_found"));
    }

    @Test
    void theLimiterRefusesAndATimeLaterAdmits() {
        // given
        simulator.limit(ModelLimits.perMinute(1_000, 10));
        ThrowingCallable asking = () -> embed(asking().inputOfArrayOfStrings(Collections.nCopies(6, "hello")));
        embed(asking().inputOfArrayOfStrings(Collections.nCopies(6, "hello")));

        // when, then
        assertThatThrownBy(asking)
                .isInstanceOfSatisfying(RateLimitException.class, refused -> {
                    assertThat(refused.code()).contains("rate_limit_exceeded");
                    assertThat(refused.type()).contains("tokens");
                    assertThat(refused.headers().values("retry-after")).containsExactly("12");
                    assertThat(refused.headers().values("x-ratelimit-remaining-tokens"))
                            .containsExactly("4");
                })
                .hasMessageContaining("Limit 10, Used 6, Requested 6. Please try again in 12s.");
        simulator.clock().advance(Duration.ofSeconds(12));
        assertThat(embed(asking().inputOfArrayOfStrings(Collections.nCopies(6, "hello")))
                        .data())
                .hasSize(6);
    }

    @ParameterizedTest
    @EnumSource
    void everyBillingCodeArrives(BillingCode code) {
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.Billing(code));

        assertThatThrownBy(() -> embed(asking().input("a")))
                .isInstanceOfSatisfying(RateLimitException.class, refused -> {
                    assertThat(refused.code()).contains(code.code());
                    assertThat(refused.type()).contains("insufficient_quota");
                });
        assertThat(simulator.ledger().tokens()).isZero();
    }

    @Test
    void serverErrorsArrive() {
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 1, Fault.ServerError.internal());
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 2, Fault.ServerError.badGateway());
        simulator.faults().onRequests(Endpoint.EMBEDDINGS, 3, 4, Fault.ServerError.overloaded());
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 5, new Fault.SlowDown(new RetryAfter.Seconds(56)));

        for (int request = 1; request <= 4; request++) {
            assertThatThrownBy(() -> embed(asking().input("a"))).isInstanceOf(InternalServerException.class);
        }
        assertThatThrownBy(() -> embed(asking().input("a")))
                .isInstanceOfSatisfying(RateLimitException.class, refused -> {
                    assertThat(refused.code()).contains("slow_down");
                    assertThat(refused.headers().values("retry-after")).containsExactly("56");
                });
        assertThat(embed(asking().input("a")).data()).hasSize(1);
        assertThat(simulator.faults().fired()).hasSize(5);
    }

    @Test
    void lostConnectionsAreSeenAndBilledWhereTheWorkWasDone() {
        // given
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 1, new Fault.Reset(false));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 2, new Fault.Reset(true));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 3, new Fault.Cut(Fault.Cut.Ending.RESET, 0.5));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 4, new Fault.Cut(Fault.Cut.Ending.CLOSED, 0.5));

        // when
        for (int request = 1; request <= 4; request++) {
            assertThatThrownBy(() -> embed(asking().input("hello")))
                    .isInstanceOfAny(OpenAIIoException.class, OpenAIInvalidDataException.class);
        }
        embed(asking().input("hello"));

        // then
        assertThat(simulator.ledger().timesBilled(MODEL, "hello")).isEqualTo(4);
        assertThat(simulator.ledger().timesDelivered(MODEL, "hello")).isEqualTo(1);
        assertThat(simulator.ledger().textsDeliveredTwice()).isZero();
        assertThat(simulator.ledger().lostUsd()).isEqualByComparingTo("0.00000006");
        assertThat(simulator.statuses().of(Endpoint.EMBEDDINGS, 0)).isEqualTo(2);
    }

    @Test
    void malformedRepliesAreSeen() {
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 1, new Fault.Spoiled(Spoil.MALFORMED_JSON));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 2, new Fault.Spoiled(Spoil.MISSING_INDEX));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 3, new Fault.Spoiled(Spoil.FEWER_VECTORS));

        assertThatThrownBy(() -> embed(asking().input("hello"))).isInstanceOf(OpenAIInvalidDataException.class);
        assertThatThrownBy(() -> embed(asking().input("hello"))).isInstanceOf(OpenAIInvalidDataException.class);
        assertThat(embed(asking().inputOfArrayOfStrings(List.of("hello", "world")))
                        .data())
                .hasSize(1);
        assertThat(simulator.ledger().timesDelivered(MODEL, "hello"))
                .as("once in its place without its index, which this client alone does not take")
                .isEqualTo(1);
    }
}
