package io.embeddingoperator.runner.embed.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiLimits;
import io.embeddingoperator.api.v1alpha1.OpenAiMode;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.api.v1alpha1.SendDimensions;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.embedding.SimulatedVectors;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.fault.BillingCode;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.BatchPlan;
import io.embeddingoperator.runner.batch.WaitingChunk;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.openai.http.TestingEndpoint;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiTextEmbedderTest {
    private static final String MODEL = "text-embedding-3-small";
    private static final int DIMENSIONS = 16;
    private static final String KEY = Account.DEFAULT.key();
    private static final Map<String, String> VARIABLES = Map.of(EnvironmentVariable.OPENAI_API_KEY, KEY);
    private static final List<String> TEXTS = List.of(
            "Vectors land in pgvector exactly once.",
            "emoji 🚀🚀 family 👩‍👩‍👧‍👦",
            "漢字とかな 混じり文、𠮷野家で。",
            "nul\u0000 bell\u0007 and a \u200bzero width space",
            "  <|endoftext|>  is text here ");

    private static final String GOOD_REPLY = reply(1);

    @Test
    void bringsTheVectorOfEachTextAndPaysWhatTheServerBills() throws Exception {
        RecordedBudget budget = RecordedBudget.unlimited();
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, budget)) {
            float[][] vectors = embedder.embed(tokenized(embedder, TEXTS));

            for (int i = 0; i < TEXTS.size(); i++) {
                assertThat(vectors[i]).isEqualTo(SimulatedVectors.vector(MODEL, TEXTS.get(i), DIMENSIONS));
            }
            long counted = tokenized(embedder, TEXTS).stream()
                    .mapToLong(TokenizedText::length)
                    .sum();
            assertThat(server.ledger().tokens()).isEqualTo(counted).isEqualTo(budget.spent());
            assertThat(server.violations()).isEmpty();
        }
    }

    @Test
    void aQueryGetsItsOwnPrefix() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            assertThat(embedder.embedQuery("what users ask"))
                    .isEqualTo(SimulatedVectors.vector(MODEL, "query: what users ask", DIMENSIONS));
        }
    }

    @Test
    void asksNobodyBeforeTheFirstText() {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            embedder.batchLimits();

            assertThat(embedder.description())
                    .contains("0.02 USD a million tokens")
                    .doesNotContain("estimate")
                    .doesNotContain(KEY);
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS)).isZero();
        }
    }

    @Test
    void modeAndEndpointAndLimitsLeaveFinishedWorkAsItIs() {
        OpenAiEmbedder one = spec("https://one.example/v1", OpenAiServer.OpenAI, OpenAiLimits.NONE);
        OpenAiEmbedder other = TestingOpenAi.model(MODEL, DIMENSIONS)
                .with("baseUrl", "http://other.example")
                .with("server", OpenAiServer.VLLM)
                .with("mode", OpenAiMode.Realtime)
                .with("maxTokens", 8191)
                .with("prefix", "")
                .with("queryPrefix", "query: ")
                .with("limits", new OpenAiLimits(7, null, null, null, null, null, null))
                .embedder();
        try (OpenAiTextEmbedder first = OpenAiTextEmbedder.open(one, VARIABLES);
                OpenAiTextEmbedder second = OpenAiTextEmbedder.open(other, Map.of())) {
            assertThat(first.fingerprint()).isEqualTo(second.fingerprint());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "text-embedding-3-small, Auto, 16",
        "text-embedding-3-small, Never, ",
        "gemini-embedding-001, Auto, ",
        "gemini-embedding-001, Always, 16"
    })
    void aDeploymentIsAskedForByItsNameAndCountedAsItsModel(String model, SendDimensions send, Integer dimensions)
            throws Exception {
        AtomicReference<JsonObject> sent = new AtomicReference<>();
        try (TestingEndpoint server = TestingEndpoint.answering((request, body) -> {
                    sent.set(new JsonObject(body));
                    request.response().end(GOOD_REPLY);
                });
                OpenAiTextEmbedder embedder = open(TestingOpenAi.model(model, DIMENSIONS)
                        .with("baseUrl", server.url().toString())
                        .with("server", OpenAiServer.AzureOpenAI)
                        .with("apiKey", secret())
                        .with("mode", OpenAiMode.Realtime)
                        .with("maxTokens", 512)
                        .with("prefix", "")
                        .with("queryPrefix", "")
                        .with("limits", OpenAiLimits.NONE)
                        .with("deployment", "prod-embeddings")
                        .with("sendDimensions", send)
                        .embedder())) {
            embedder.embed(tokenized(embedder, List.of("a text")));

            assertThat(sent.get().getString("model")).isEqualTo("prod-embeddings");
            assertThat(sent.get().getInteger("dimensions")).isEqualTo(dimensions);
            assertThat(embedder.fingerprint()).contains(model).doesNotContain("prod-embeddings");
            assertThat(embedder.description()).contains(model.startsWith("text") ? "0.02 USD" : "price unknown");
        }
    }

    @Test
    void documentsAndQueriesAreSentAsWhatTheyAre() throws Exception {
        AtomicReference<JsonObject> sent = new AtomicReference<>();
        try (TestingEndpoint server = TestingEndpoint.answering((request, body) -> {
                    sent.set(new JsonObject(body));
                    request.response().end(GOOD_REPLY);
                });
                OpenAiTextEmbedder told = open(
                        spec("voyage-law-2", server.url().toString(), OpenAiServer.Voyage, OpenAiLimits.NONE, 512));
                OpenAiTextEmbedder untold = open(
                        spec("voyage-law-2", server.url().toString(), OpenAiServer.LiteLLM, OpenAiLimits.NONE, 512))) {
            told.embed(tokenized(told, List.of("a text")));
            assertThat(sent.get().getString("input_type")).isEqualTo("document");

            told.embedQuery("a question");
            assertThat(sent.get().getString("input_type")).isEqualTo("query");
            assertThat(sent.get().getBoolean("truncation")).isFalse();

            String fields = "{input_type: \"document\", truncation: false}";
            assertThat(told.fingerprint())
                    .as("other vectors than those of a server that is told nothing")
                    .isEqualTo(untold.fingerprint() + " documentFields=" + fields);
            assertThat(told.description())
                    .endsWith(", tokens counted as OpenAI's models count, which is an estimate, documents sent with "
                            + fields);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"usage\":{\"prompt_tokens\":0,\"total_tokens\":0}"})
    void whatAProviderDoesNotTellOfItsBillIsCountedHereAndNeverAsNothing(String usage) throws Exception {
        RecordedBudget budget = RecordedBudget.unlimited();
        String untold = GOOD_REPLY.replace(",\"usage\":{\"total_tokens\":2}", usage);
        try (TestingEndpoint server = TestingEndpoint.answering(200, Map.of(), untold);
                OpenAiTextEmbedder embedder = open(spec(
                        "gemini-embedding-001",
                        server.url().toString(),
                        OpenAiServer.Gemini,
                        OpenAiLimits.NONE,
                        512))) {
            embedder.begin(budget, ProviderListener.NONE);
            List<TokenizedText> texts = tokenized(embedder, List.of("a text of some words"));

            embedder.embed(texts);

            assertThat(budget.spent()).isEqualTo(texts.getFirst().length());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Gemini, gemini-embedding-001, 8191, 1800",
        "Gemini, gemini-embedding-001, 512, 512",
        "Gemini, gemini-embedding-2, 8191, 8191",
        "VertexAI, google/text-embedding-005, 8191, 1800",
        "Cohere, embed-multilingual-light-v3.0, 8191, 400",
        "Cohere, embed-v4.0, 8191, 8191",
        "LiteLLM, gemini-embedding-001, 8191, 8191"
    })
    void noTextIsLongerThanAProviderReadsWithoutAWord(OpenAiServer server, String model, int given, int tokens) {
        try (OpenAiTextEmbedder embedder = open(spec(model, "http://localhost:1", server, OpenAiLimits.NONE, given))) {
            assertThat(embedder.tokenizer().maxTokens()).isEqualTo(tokens);
        }
    }

    @ParameterizedTest
    @EnumSource(OpenAiServer.class)
    void whereSomebodyMayBeBilledNothingIsSentWithoutNeed(OpenAiServer server) {
        try (OpenAiTextEmbedder embedder =
                open(spec("a-model", "http://localhost:1", server, OpenAiLimits.NONE, 512))) {
            assertThat(embedder.isBilled()).isEqualTo(server.needsKey() || server == OpenAiServer.LiteLLM);
        }
    }

    static Stream<Fault> curableFaults() {
        return Stream.of(
                new Fault.RateLimit(new RetryAfter.None(), true),
                new Fault.RateLimit(new RetryAfter.Seconds(1), false),
                new Fault.RateLimit(new RetryAfter.HttpDate(2), false),
                new Fault.RateLimit(new RetryAfter.Milliseconds(300), false),
                new Fault.RateLimit(new RetryAfter.Text("soon"), false),
                new Fault.SlowDown(new RetryAfter.Seconds(1)),
                Fault.ServerError.internal(),
                Fault.ServerError.badGateway(),
                Fault.ServerError.overloaded(),
                new Fault.SlowHeaders(300),
                new Fault.SlowDrip(10, 100),
                new Fault.Reset(false),
                new Fault.Reset(true),
                new Fault.Cut(Fault.Cut.Ending.CLEAN, 0.5),
                new Fault.Cut(Fault.Cut.Ending.CLOSED, 0.5),
                new Fault.Cut(Fault.Cut.Ending.RESET, 0.5),
                new Fault.WithoutLimitHeaders());
    }

    @ParameterizedTest
    @MethodSource("curableFaults")
    void whatGoesWrongOnceIsTriedAgainAndPaidForAtLeastAsBilled(Fault fault) throws Exception {
        RecordedBudget budget = RecordedBudget.unlimited();
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, budget)) {
            server.faults().onNext(Endpoint.EMBEDDINGS, fault);

            float[][] vectors = embedder.embed(tokenized(embedder, TEXTS));

            assertThat(vectors[0]).isEqualTo(SimulatedVectors.vector(MODEL, TEXTS.getFirst(), DIMENSIONS));
            assertThat(budget.spent()).isGreaterThanOrEqualTo(server.ledger().tokens());
            assertThat(budget.open()).isZero();
        }
    }

    /** A vector of zeros is for the sink to judge. */
    @ParameterizedTest
    @EnumSource(value = Spoil.class, mode = EnumSource.Mode.EXCLUDE, names = "ZERO_VECTOR")
    void aReplyThatIsNotWhatWasAskedForIsNeverHandedOn(Spoil how) throws Exception {
        RecordedBudget budget = RecordedBudget.unlimited();
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, budget)) {
            server.faults().onNext(Endpoint.EMBEDDINGS, new Fault.Spoiled(how));

            float[][] vectors = embedder.embed(tokenized(embedder, TEXTS));

            for (int i = 0; i < TEXTS.size(); i++) {
                assertThat(vectors[i]).isEqualTo(SimulatedVectors.vector(MODEL, TEXTS.get(i), DIMENSIONS));
            }
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS, 200)).isEqualTo(how.harmless() ? 1 : 2);
            assertThat(budget.spent()).isEqualTo(server.ledger().tokens());
        }
    }

    @ParameterizedTest
    @EnumSource(BillingCode.class)
    void whereNobodyPaysTheJobStopsAtOnce(BillingCode code) {
        RecordedBudget budget = RecordedBudget.unlimited();
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, budget)) {
            server.faults().always(Endpoint.EMBEDDINGS, new Fault.Billing(code));

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining(code.message().substring(0, 20))
                    .hasMessageContaining("the account has nothing to pay with");
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS)).isEqualTo(1);
            assertThat(budget.spent()).isZero();
            assertThat(budget.open()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sk-of-another-account, text-embedding-3-small, EMBEDDING_OPENAI_API_KEY",
        "sk-simulator, text-embedding-3-large, spec.embedder.openai.model",
        "sk-simulator, no-such-model, spec.embedder.openai.model"
    })
    void aWrongKeyOrModelStopsTheJobAtOnceAndSaysWhereItIsGiven(String key, String model, String field) {
        Account account = new Account(KEY, "proj_simulator", "org-simulator", Set.of("text-embedding-3-large"));
        try (OpenAiSimulator server =
                        OpenAiSimulator.start(SimulatorSettings.defaults().withAccounts(account));
                OpenAiTextEmbedder embedder = OpenAiTextEmbedder.open(
                        spec(model, server.baseUri().toString(), OpenAiServer.OpenAI, OpenAiLimits.NONE, 8191),
                        Map.of(EnvironmentVariable.OPENAI_API_KEY, key))) {
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining(field)
                    .hasMessageNotContaining(key);
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS)).isEqualTo(1);
        }
    }

    @Test
    void aTextThatTheProviderRefusesIsNamedByItsPlace() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = OpenAiTextEmbedder.open(
                        spec(MODEL, server.baseUri().toString(), OpenAiServer.OpenAI, OpenAiLimits.NONE, 20_000),
                        VARIABLES)) {
            List<TokenizedText> texts = tokenized(embedder, List.of("good", "word ".repeat(9_000), "good too"));

            EmbeddingException refused = catchThrowableOfType(EmbeddingException.class, () -> embedder.embed(texts));

            assertThat(refused.textsAtFault()).isTrue();
            assertThat(refused.guilty()).isEqualTo(OptionalInt.of(1));
            assertThat(refused).hasMessageContaining("maximum input length is 8192 tokens");
        }
    }

    @Test
    void aRequestThatTheServerFailsForAloneIsItsOwnFault() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            // given a gateway that fails for everything but the plain text of the seventh and ninth request
            server.faults().onRequests(Endpoint.EMBEDDINGS, 1, 6, Fault.ServerError.badGateway());
            server.faults().onRequest(Endpoint.EMBEDDINGS, 8, Fault.ServerError.badGateway());

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(EmbeddingException.class)
                    .hasMessageContaining("answered 502");
        }
    }

    @Test
    void whatTheServerItselfFailsForIsFoundAfterFewAttempts() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            // given
            server.faults().always(Endpoint.EMBEDDINGS, new Fault.TextFails("漢字", "unsupported value: NaN"));

            // when, then
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(EmbeddingException.class)
                    .hasMessageContaining("unsupported value: NaN");
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS, 500)).isEqualTo(3);
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS, 200))
                    .as("plain text")
                    .isEqualTo(2);
        }
    }

    @Test
    void whatEndsTheJobEndsItWhereThePlainTextMeetsItToo() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            // given the account is empty when plain text is to tell whose fault two failures are
            server.faults().onRequests(Endpoint.EMBEDDINGS, 1, 2, Fault.ServerError.internal());
            server.faults().onRequest(Endpoint.EMBEDDINGS, 3, new Fault.Billing(BillingCode.INSUFFICIENT_QUOTA));

            // when, then
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining(BillingCode.INSUFFICIENT_QUOTA.message());
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS)).isEqualTo(3);
        }
    }

    @Test
    void anOutageThatTheServerTellsItselfIsNoTextsFault() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            // given
            server.faults().onRequests(Endpoint.EMBEDDINGS, 1, 12, Fault.ServerError.internal());

            // when, then
            assertThat(embedder.embed(tokenized(embedder, TEXTS))).hasDimensions(TEXTS.size(), DIMENSIONS);
        }
    }

    @Test
    void anOutageIsWaitedForAndThenGivenUp() {
        var impatient =
                new ProviderRequests.Patience(Duration.ofSeconds(2), Duration.ofMillis(10), Duration.ofMillis(100));
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = OpenAiTextEmbedder.open(
                        spec(server.baseUri().toString(), OpenAiServer.OpenAI, OpenAiLimits.NONE),
                        VARIABLES,
                        impatient)) {
            server.faults().always(Endpoint.EMBEDDINGS, Fault.ServerError.badGateway());

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("answered 502 (502 Bad Gateway)");
        }
    }

    @Test
    void aModelOfAnotherSizeIsAMistakeInTheManifest() {
        try (OpenAiSimulator server =
                        OpenAiSimulator.start(SimulatorSettings.defaults().withProfile(Profile.INFINITY));
                OpenAiTextEmbedder embedder =
                        open(spec(server.baseUri().toString(), OpenAiServer.Infinity, OpenAiLimits.NONE))) {
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("vectors of 1536 numbers, and spec.embedder.openai.dimensions is 16");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "text-embedding-ada-002, 1536, ",
        "text-embedding-ada-002, 512, always gives vectors of 1536 numbers",
        "text-embedding-ada-002, 3072, always gives vectors of 1536 numbers",
        "text-embedding-3-small, 512, ",
        "text-embedding-3-small, 1537, gives vectors of at most 1536 numbers",
        "text-embedding-3-large, 3072, ",
        "text-embedding-3-large, 3073, gives vectors of at most 3072 numbers",
        "a-model-of-next-year, 9000, "
    })
    void dimensionsThatAKnownModelDoesNotHaveAreRefusedBeforeAnythingIsSent(
            String model, int dimensions, String problem) {
        for (OpenAiServer server : OpenAiServer.values()) {
            OpenAiEmbedder spec = TestingOpenAi.model(model, dimensions)
                    .with("baseUrl", "http://localhost:1")
                    .with("server", server)
                    .with("apiKey", secret())
                    .with("mode", OpenAiMode.Realtime)
                    .with("maxTokens", 512)
                    .with("prefix", "")
                    .with("queryPrefix", "")
                    .with("limits", OpenAiLimits.NONE)
                    .embedder();
            boolean known = server == OpenAiServer.OpenAI || server == OpenAiServer.AzureOpenAI;

            if (problem == null || !known) {
                assertThatCode(() -> open(spec).close()).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(() -> open(spec))
                        .isInstanceOf(SpecificationException.class)
                        .hasMessageContaining("spec.embedder.openai.dimensions is " + dimensions)
                        .hasMessageContaining(model + ", which spec.embedder.openai.model names, " + problem);
            }
        }
    }

    @Test
    void aServerThatEmbedsButNeverTellsWhatItBillsIsNotPaidAgainAndAgain() {
        String vector =
                IntStream.range(0, DIMENSIONS).mapToObj(Integer::toString).collect(Collectors.joining(","));
        try (TestingEndpoint proxy = TestingEndpoint.answering(
                        200, Map.of(), "{\"data\":[{\"index\":0,\"embedding\":[%s]}]}".formatted(vector));
                OpenAiTextEmbedder embedder =
                        open(spec(proxy.url().toString(), OpenAiServer.OpenAI, OpenAiLimits.NONE))) {
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, List.of("a text that is paid for"))))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("usage.total_tokens")
                    .hasMessageContaining("set spec.embedder.openai.server");
            assertThat(proxy.requests()).hasSize(3);
        }
    }

    static Stream<Arguments> uselessReplies() {
        return Stream.of(
                Arguments.of(
                        (UnaryOperator<List<String>>) data -> data.subList(0, 1),
                        "it holds 1 vectors for 5 texts: set spec.embedder.openai.limits.maxRequestTexts"),
                Arguments.of(
                        (UnaryOperator<List<String>>) _ -> List.of(),
                        "it holds 0 vectors for 5 texts: check that spec.embedder.openai.baseUrl serves embeddings"),
                Arguments.of(
                        each(item -> item.replaceFirst("\"index\":\\d+", "\"index\":0")),
                        "two vectors have the index 0: set spec.embedder.openai.limits.maxRequestTexts"),
                Arguments.of(
                        each(item -> item.replaceFirst("\"embedding\":.*", "\"embedding\":null}")),
                        "vector 0 is neither base64 nor an array: check spec.embedder.openai.model"),
                Arguments.of(
                        each(item -> item.replaceFirst("\"embedding\":.*", "\"embedding\":\"%%%\"}")),
                        "vector 0 is no base64: check spec.embedder.openai.model"),
                Arguments.of(
                        each(item -> item.replaceFirst("\"embedding\":.*", "\"embedding\":[1,2]}")),
                        "it gives vectors of 2 numbers, and spec.embedder.openai.dimensions is 16"));
    }

    @ParameterizedTest
    @MethodSource("uselessReplies")
    void aServerWhoseRepliesAreOfNoUseIsPaidThreeTimesAtTheMost(UnaryOperator<List<String>> spoiling, String sentence) {
        RecordedBudget budget = RecordedBudget.unlimited();
        try (TestingEndpoint server = TestingEndpoint.embedding(DIMENSIONS, (_, data) -> spoiling.apply(data));
                OpenAiTextEmbedder embedder =
                        open(spec(server.url().toString(), OpenAiServer.OpenAI, OpenAiLimits.NONE))) {
            embedder.begin(budget, ProviderListener.NONE);

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("to plain text as well")
                    .hasMessageContaining(sentence);
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class);
            assertThat(server.requests()).hasSize(3);
            assertThat(budget.open()).isZero();
        }
    }

    @Test
    void ofTextsThatGetNoVectorTheOthersAreKeptAndNotPaidAgain() throws Exception {
        // given a server that gives null for one text alone
        RecordedBudget budget = RecordedBudget.unlimited();
        try (TestingEndpoint server = TestingEndpoint.embedding(
                        DIMENSIONS,
                        (texts, data) -> IntStream.range(0, data.size())
                                .mapToObj(i -> texts.get(i).contains("nul")
                                        ? "{\"index\":%d,\"embedding\":null}".formatted(i)
                                        : data.get(i))
                                .toList());
                OpenAiTextEmbedder embedder =
                        open(spec(server.url().toString(), OpenAiServer.LiteLLM, OpenAiLimits.NONE))) {
            embedder.begin(budget, ProviderListener.NONE);

            // when
            EmbeddingException refused =
                    catchThrowableOfType(EmbeddingException.class, () -> embedder.embed(tokenized(embedder, TEXTS)));

            // then
            assertThat(refused.kept()).hasNumberOfRows(TEXTS.size());
            assertThat(IntStream.range(0, TEXTS.size()).filter(i -> refused.kept()[i] == null))
                    .containsExactly(3);
            assertThat(refused.textsAtFault()).isTrue();
            assertThat(server.requests())
                    .as("all, the bad one again, plain text")
                    .hasSize(3);
            assertThat(server.texts().stream().filter(TEXTS.getFirst()::equals)).hasSize(1);
        }
    }

    private static UnaryOperator<List<String>> each(UnaryOperator<String> spoiling) {
        return data -> data.stream().map(spoiling).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 405})
    void aPageOfAGatewayIsNoVerdictOnceTheEndpointHasWorked(int status) throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            server.faults().onRequests(Endpoint.EMBEDDINGS, 2, 3, page(status));

            embedder.embed(tokenized(embedder, TEXTS));

            assertThat(embedder.embed(tokenized(embedder, TEXTS))).hasDimensions(TEXTS.size(), DIMENSIONS);
        }
    }

    @Test
    void aPageOfAGatewayStopsTheJobWhileNothingHasWorked() {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            server.faults().always(Endpoint.EMBEDDINGS, page(404));

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("spec.embedder.openai.baseUrl");
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS)).isEqualTo(1);
        }
    }

    @Test
    void aKeyThatTheApiItselfTakesAwayStopsTheJobInMidRun() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            embedder.embed(tokenized(embedder, TEXTS));
            server.faults()
                    .always(
                            Endpoint.EMBEDDINGS,
                            new Fault.Answer(
                                    401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key"));

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("EMBEDDING_OPENAI_API_KEY");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":\"Unauthorized\"}",
                "{\"statusCode\":401,\"message\":\"Access token is missing, invalid or expired\"}",
                "{\"detail\":\"Provided API key is invalid\"}"
            })
    void aKeyThatIsTakenAwayIsToldInWhateverForm(String body) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    boolean first = requests.incrementAndGet() == 1;
                    request.response().setStatusCode(first ? 200 : 401).end(first ? GOOD_REPLY : body);
                });
                OpenAiTextEmbedder embedder =
                        open(spec(server.url().toString(), OpenAiServer.VLLM, OpenAiLimits.NONE))) {
            embedder.embed(tokenized(embedder, List.of("a text")));

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, List.of("another text"))))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("spec.embedder.openai.apiKey");
            assertThat(requests).hasValue(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, Invalid model name passed in model=my-modell, None",
        "400, The embeddings operation does not work with the specified model, OperationNotSupported",
        "200, no healthy deployment for my-model, invalid_request_error"
    })
    void whatIsRefusedOfPlainTextTooIsAMistakeInTheManifest(int status, String message, String type) {
        try (TestingEndpoint server = TestingEndpoint.answering(
                        status, Map.of(), "{\"error\":{\"message\":\"%s\",\"type\":\"%s\"}}".formatted(message, type));
                OpenAiTextEmbedder embedder =
                        open(spec(server.url().toString(), OpenAiServer.LiteLLM, OpenAiLimits.NONE))) {
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining(message)
                    .hasMessageContaining("plain text is refused as well: check spec.embedder.openai.model");
            assertThat(server.requests()).as("the texts, and plain text").hasSize(2);
        }
    }

    @Test
    void whatIsSentBesideTheTextsIsNamedWhereItMayBeTheMistake() {
        try (TestingEndpoint server = TestingEndpoint.answering(
                        400, Map.of(), "{\"message\":\"unknown field: parameter 'input_type' is not a valid field\"}");
                OpenAiTextEmbedder embedder = open(
                        spec("embed-v4.0", server.url().toString(), OpenAiServer.Cohere, OpenAiLimits.NONE, 512))) {
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, List.of("a text"))))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("'input_type' is not a valid field")
                    .hasMessageEndingWith("and what is sent beside the texts, {input_type: \"search_document\"}, which"
                            + " spec.embedder.openai.documentFields and sendDimensions change");
        }
    }

    @Test
    void aModelThatIsTakenAwayInMidRunIsNoFaultOfATextThatStandsAlone() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    boolean first = requests.incrementAndGet() == 1;
                    request.response()
                            .setStatusCode(first ? 200 : 400)
                            .end(first ? GOOD_REPLY : "{\"error\":\"Invalid model name\"}");
                });
                OpenAiTextEmbedder embedder =
                        open(spec(server.url().toString(), OpenAiServer.LiteLLM, OpenAiLimits.NONE))) {
            embedder.embed(tokenized(embedder, List.of("a text")));

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, List.of("one", "two"))))
                    .as("which the pipeline divides")
                    .isInstanceOf(EmbeddingException.class);
            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, List.of("one"))))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("Invalid model name");
        }
    }

    @Test
    void aRequestThatAFirewallRefusesAloneIsItsOwnFault() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults());
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            // given a firewall that lets the first request through, and then nothing but the plain text
            server.faults().onRequests(Endpoint.EMBEDDINGS, 2, 7, page(403));
            server.faults().onRequest(Endpoint.EMBEDDINGS, 9, page(403));
            embedder.embed(tokenized(embedder, TEXTS));

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(EmbeddingException.class)
                    .hasMessageContaining("answered 403");
        }
    }

    @Test
    void requestsThatAGatewayDoesNotWaitForAreDividedAndStaySmall() throws Exception {
        // given a server that a gateway waits for while a request has two texts at the most
        try (TestingEndpoint server = TestingEndpoint.answering((request, body) -> {
                    int texts = new JsonObject(body).getJsonArray("input").size();
                    if (texts > 2) {
                        Vertx.currentContext()
                                .owner()
                                .setTimer(
                                        100,
                                        _ -> request.response()
                                                .setStatusCode(504)
                                                .end());
                    } else {
                        request.response().end(reply(texts));
                    }
                });
                OpenAiTextEmbedder embedder = OpenAiTextEmbedder.open(
                        spec(server.url().toString(), OpenAiServer.Ollama, OpenAiLimits.NONE),
                        VARIABLES,
                        new ProviderRequests.Patience(
                                Duration.ofMinutes(5),
                                Duration.ofMillis(10),
                                Duration.ofMillis(100),
                                Duration.ofMillis(50)))) {
            List<TokenizedText> texts = tokenized(embedder, List.of("1", "2", "3", "4", "5", "6", "7", "8"));

            assertThatThrownBy(() -> embedder.embed(texts)).isInstanceOf(EmbeddingException.class);

            assertThat(server.requests())
                    .as("one time-out, after which nothing as large is sent")
                    .hasSize(1);
            assertThat(embedder.batchLimits().maxTexts()).isEqualTo(2);
            assertThatThrownBy(() -> embedder.embed(texts.subList(0, 4))).isInstanceOf(EmbeddingException.class);
            assertThat(server.requests()).hasSize(1);
            assertThat(embedder.embed(texts.subList(0, 2))).hasDimensions(2, DIMENSIONS);
        }
    }

    @Test
    void whatATextWasFoundGuiltyOfOnceTakesFewAttemptsTheNextTime() throws Exception {
        // given a server that cannot write one text's vector
        try (TestingEndpoint server = TestingEndpoint.answering((request, body) -> {
                    JsonArray input = new JsonObject(body).getJsonArray("input");
                    if (input.contains("bad")) {
                        request.response()
                                .setStatusCode(500)
                                .end("{\"error\":{\"message\":\"failed to encode %d: unsupported value: NaN\"}}"
                                        .formatted(input.size()));
                    } else {
                        request.response().end(reply(input.size()));
                    }
                });
                OpenAiTextEmbedder embedder =
                        open(spec(server.url().toString(), OpenAiServer.Ollama, OpenAiLimits.NONE))) {
            List<TokenizedText> texts = tokenized(embedder, List.of("bad", "2", "3", "4"));
            assertThatThrownBy(() -> embedder.embed(texts)).isInstanceOf(EmbeddingException.class);
            int first = server.requests().size();

            assertThatThrownBy(() -> embedder.embed(texts.subList(0, 2))).isInstanceOf(EmbeddingException.class);
            assertThat(server.requests()).as("the texts, and plain text").hasSize(first + 2);

            assertThatThrownBy(() -> embedder.embed(texts.subList(0, 1)))
                    .isInstanceOf(EmbeddingException.class)
                    .hasMessageContaining("unsupported value: NaN");
            assertThat(server.requests()).as("the text and plain text, twice").hasSize(first + 6);
        }
    }

    @Test
    void theNumberOfTextsThatAServerTakesIsLearnedFromItsRefusal() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        try (TestingEndpoint server = TestingEndpoint.answering((request, body) -> {
                    int texts = new JsonObject(body).getJsonArray("input").size();
                    if (texts > 10) {
                        refused.incrementAndGet();
                        request.response()
                                .setStatusCode(400)
                                .end(
                                        "{\"error\":{\"message\":\"batch size is invalid, it should not be larger than 10\"}}");
                    } else {
                        request.response().end(reply(texts));
                    }
                });
                OpenAiTextEmbedder embedder =
                        open(spec(server.url().toString(), OpenAiServer.LiteLLM, OpenAiLimits.NONE))) {
            List<TokenizedText> texts = tokenized(
                    embedder, IntStream.range(0, 40).mapToObj(Integer::toString).toList());

            assertThatThrownBy(() -> embedder.embed(texts)).isInstanceOf(EmbeddingException.class);
            assertThatThrownBy(() -> embedder.embed(texts.subList(0, 20))).isInstanceOf(EmbeddingException.class);

            assertThat(embedder.embed(texts.subList(0, 10))).hasDimensions(10, DIMENSIONS);
            assertThat(embedder.batchLimits().maxTexts()).isEqualTo(10);
            assertThat(refused).hasValue(1);
        }
    }

    @Test
    void nothingIsSentBeyondTheBudget() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(SimulatorSettings.defaults())) {
            RecordedBudget budget = new RecordedBudget(20);
            try (OpenAiTextEmbedder embedder = open(server, budget)) {
                embedder.embed(tokenized(embedder, List.of("a few words that are paid for")));

                assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                        .isInstanceOf(BudgetExhaustedException.class);

                assertThat(server.ledger().tokens()).isEqualTo(budget.spent()).isLessThanOrEqualTo(20);
                assertThat(server.statuses().of(Endpoint.EMBEDDINGS)).isEqualTo(1);
            }
        }
    }

    static Stream<Arguments> servers() {
        return Stream.of(
                Arguments.of(Profile.OPENAI, OpenAiServer.OpenAI),
                Arguments.of(Profile.AZURE, OpenAiServer.AzureOpenAI),
                Arguments.of(Profile.TEXT_EMBEDDINGS_INFERENCE, OpenAiServer.TextEmbeddingsInference),
                Arguments.of(Profile.VLLM, OpenAiServer.VLLM),
                Arguments.of(Profile.VLLM_WITHOUT_BASE64, OpenAiServer.VLLM),
                Arguments.of(Profile.VLLM_WITHOUT_BASE64, OpenAiServer.LiteLLM),
                Arguments.of(Profile.INFINITY, OpenAiServer.Infinity),
                Arguments.of(Profile.OLLAMA, OpenAiServer.Ollama),
                Arguments.of(Profile.LITELLM, OpenAiServer.LiteLLM));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void eachKindOfServerGetsWhatItTakes(Profile profile, OpenAiServer kind) throws Exception {
        List<String> texts = IntStream.range(0, 3_000)
                .mapToObj(i -> "text number %d of some words".formatted(i))
                .toList();
        try (OpenAiSimulator server =
                        OpenAiSimulator.start(SimulatorSettings.defaults().withProfile(profile));
                OpenAiTextEmbedder embedder = open(TestingOpenAi.model(MODEL, 1536)
                        .with("baseUrl", server.baseUri().toString())
                        .with("server", kind)
                        .with("apiKey", secret())
                        .with("mode", OpenAiMode.Realtime)
                        .with("maxTokens", 512)
                        .with("prefix", "")
                        .with("queryPrefix", "")
                        .with("limits", OpenAiLimits.NONE)
                        .embedder())) {
            List<TokenizedText> tokenized = tokenized(embedder, texts);
            int requests = 0;
            for (int from = 0; from < texts.size(); ) {
                Batch batch = nextBatch(tokenized, from, embedder.batchLimits());
                float[][] vectors = embedder.embed(batch.texts());
                for (int i = 0; i < vectors.length; i++) {
                    assertThat(vectors[i]).isEqualTo(SimulatedVectors.vector(MODEL, texts.get(from + i), 1536));
                }
                from += vectors.length;
                requests++;
            }
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS))
                    .as("requests, of which none was refused but for base64")
                    .isBetween((long) requests, requests + 1L);
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS, 429)).isZero();
        }
    }

    @Test
    void requestsShrinkToWhatAnAccountAllows() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(
                        SimulatorSettings.defaults().withLimits(ModelLimits.perMinute(3_000, 60_000)));
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            embedder.embed(tokenized(embedder, List.of("the first reply tells the limits")));

            assertThat(embedder.batchLimits().maxTokens()).isLessThanOrEqualTo(15_000);
            assertThat(server.statuses().of(Endpoint.EMBEDDINGS, 429)).isZero();
        }
    }

    @Test
    void aLimitThatNoTextKeepsToStopsTheJob() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(
                        SimulatorSettings.defaults().withLimits(ModelLimits.perMinute(3_000, 5)));
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            // given its first reply, which tells the limit
            embedder.embed(tokenized(embedder, List.of("first")));

            assertThatThrownBy(() -> embedder.embed(tokenized(embedder, TEXTS)))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("5 tokens at a time")
                    .hasMessageContaining("spec.embedder.openai.limits.tokensPerMinute");
        }
    }

    @Test
    void aRequestBeyondTheWholeLimitIsToBeDivided() throws Exception {
        try (OpenAiSimulator server = OpenAiSimulator.start(
                        SimulatorSettings.defaults().withLimits(ModelLimits.perMinute(3_000, 1_000)));
                OpenAiTextEmbedder embedder = open(server, RecordedBudget.unlimited())) {
            List<TokenizedText> large = tokenized(embedder, List.of("word ".repeat(600), "word ".repeat(600)));

            assertThatThrownBy(() -> embedder.embed(large)).isInstanceOf(EmbeddingException.class);
            assertThat(server.ledger().tokens()).isZero();
        }
    }

    private static String reply(int texts) {
        String vector =
                IntStream.range(0, DIMENSIONS).mapToObj(Integer::toString).collect(Collectors.joining(","));
        return "{\"data\":[%s],\"usage\":{\"total_tokens\":2}}"
                .formatted(IntStream.range(0, texts)
                        .mapToObj("{\"index\":%%d,\"embedding\":[%s]}".formatted(vector)::formatted)
                        .collect(Collectors.joining(",")));
    }

    private static Batch nextBatch(List<TokenizedText> texts, int from, BatchLimits limits) {
        List<WaitingChunk> chunks = new ArrayList<>();
        for (TokenizedText text : texts.subList(from, texts.size())) {
            chunks.add(new WaitingChunk(0, 0, text));
        }
        return BatchPlan.of(chunks, limits).getFirst();
    }

    private static List<TokenizedText> tokenized(OpenAiTextEmbedder embedder, List<String> texts) {
        return texts.stream().map(embedder.tokenizer()::tokenize).toList();
    }

    private static OpenAiTextEmbedder open(OpenAiSimulator server, RecordedBudget budget) {
        OpenAiTextEmbedder embedder = open(spec(server.baseUri().toString(), OpenAiServer.OpenAI, OpenAiLimits.NONE));
        embedder.begin(budget, ProviderListener.NONE);
        return embedder;
    }

    private static OpenAiTextEmbedder open(OpenAiEmbedder spec) {
        return OpenAiTextEmbedder.open(
                spec,
                VARIABLES,
                new ProviderRequests.Patience(Duration.ofMinutes(5), Duration.ofMillis(10), Duration.ofMillis(100)));
    }

    private static OpenAiEmbedder spec(String baseUrl, OpenAiServer server, OpenAiLimits limits) {
        return spec(MODEL, baseUrl, server, limits, 8191);
    }

    private static OpenAiEmbedder spec(
            String model, String baseUrl, OpenAiServer server, OpenAiLimits limits, int maxTokens) {
        return TestingOpenAi.model(model, DIMENSIONS)
                .with("baseUrl", baseUrl)
                .with("server", server)
                .with("apiKey", secret())
                .with("mode", OpenAiMode.Realtime)
                .with("maxTokens", maxTokens)
                .with("prefix", "")
                .with("queryPrefix", "query: ")
                .with("limits", limits)
                .embedder();
    }

    private static Fault page(int status) {
        return new Fault.ServerError(status, Fault.ServerError.Page.HTML, new RetryAfter.None());
    }

    private static SecretValue secret() {
        return new SecretValue(new SecretKeyReference("openai", "apiKey"));
    }
}
