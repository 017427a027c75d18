package io.embeddingoperator.openai.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.testing.TestingHttp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransportFaultsTest {
    private static final String MODEL = "text-embedding-3-small";
    private static final String BODY =
            "{\"model\":\"text-embedding-3-small\",\"input\":[\"one\",\"two\",\"three\"],\"dimensions\":16,\"encoding_format\":\"float\"}";
    private static final Duration LONG = Duration.ofSeconds(30);

    private OpenAiSimulator simulator;
    private URI embeddings;

    @BeforeEach
    void start() {
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults());
        embeddings = URI.create(simulator.baseUri() + "/embeddings");
    }

    @AfterEach
    void close() {
        simulator.close();
    }

    private HttpResponse<String> post(Version version) throws IOException, InterruptedException {
        return new TestingHttp(version).post(embeddings, BODY);
    }

    @ParameterizedTest
    @EnumSource
    void bothVersionsOfHttpAreServed(Version version) throws Exception {
        HttpResponse<String> reply = post(version);

        assertThat(reply.version()).isEqualTo(version);
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(TestingHttp.json(reply).path("data")).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource
    void connectionsAreResetBeforeAndAfterTheWork(Version version) {
        for (boolean executed : new boolean[] {false, true}) {
            simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.Reset(executed));
            assertThatThrownBy(() -> post(version)).isInstanceOf(IOException.class);
        }
        assertThat(simulator.ledger().timesBilled(MODEL, "one")).isEqualTo(1);
        assertThat(simulator.ledger().timesDelivered(MODEL, "one")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void bodiesEndEarly(Version version) throws Exception {
        for (Fault.Cut.Ending ending : new Fault.Cut.Ending[] {Fault.Cut.Ending.CLOSED, Fault.Cut.Ending.RESET}) {
            simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.Cut(ending, 0.5));
            assertThatThrownBy(() -> post(version)).isInstanceOf(IOException.class);
        }
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.Cut(Fault.Cut.Ending.CLEAN, 0.5));
        HttpResponse<String> clean = post(version);
        assertThat(clean.statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> TestingHttp.json(clean)).isInstanceOf(IOException.class);
        assertThat(simulator.ledger().timesDelivered(MODEL, "one")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasCarriedOutLooksAsIfItHadFailed(Version version) throws Exception {
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.FailsAfterwards(500));
        assertThat(post(version).statusCode()).isEqualTo(500);
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.GoAway());
        assertThatThrownBy(() -> post(version)).isInstanceOf(IOException.class);

        assertThat(simulator.ledger().timesBilled(MODEL, "one")).isEqualTo(2);
        assertThat(simulator.ledger().timesDelivered(MODEL, "one")).isZero();
        assertThat(post(version).statusCode()).isEqualTo(200);
    }

    @Test
    void aGatewayCompressesAndWritesItsOwnHeaders() throws Exception {
        simulator.faults().always(Endpoint.EMBEDDINGS, new Fault.Compressed());
        simulator.faults().always(Endpoint.EMBEDDINGS, Fault.OtherHeaders.nothingLeft());

        HttpResponse<byte[]> reply = new TestingHttp(Version.HTTP_1_1).bytes(embeddings, BODY);

        assertThat(reply.headers().firstValue("content-encoding")).contains("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(reply.body())).readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .startsWith("{\"object\":\"list\"");
        assertThat(reply.headers().firstValue("x-ratelimit-remaining-requests")).contains("0");
    }

    @Test
    void repliesComeInAnyForm() throws Exception {
        for (Fault.Verbatim other : new Fault.Verbatim[] {
            Fault.Verbatim.page(200, "Sign in"),
            Fault.Verbatim.text(403, "Country, region, or territory not supported"),
            Fault.Verbatim.json(400, "[{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\"}}]"),
        }) {
            simulator.faults().onNext(Endpoint.EMBEDDINGS, other);
            HttpResponse<String> reply = post(Version.HTTP_1_1);

            assertThat(reply.statusCode()).isEqualTo(other.status());
            assertThat(reply.headers().firstValue("content-type")).contains(other.contentType());
            assertThat(reply.body()).isEqualTo(other.body());
        }
        assertThat(simulator.ledger().costUsd()).isZero();
    }

    @Test
    void onlySomeTextsAreRefused() throws Exception {
        simulator.faults().always(Endpoint.EMBEDDINGS, new Fault.TextTooLong(1));
        assertThat(post(Version.HTTP_1_1).statusCode()).as("short texts").isEqualTo(200);
        simulator.faults().always(Endpoint.EMBEDDINGS, new Fault.TextTooLong(0));
        assertThat(post(Version.HTTP_1_1).body()).contains("maximum context length is 0 tokens");
        simulator.faults().clear();
        simulator.faults().always(Endpoint.EMBEDDINGS, new Fault.TooManyTexts(2));
        assertThat(post(Version.HTTP_1_1).body()).contains("should not be larger than 2");
        simulator.faults().clear();
        simulator.faults().always(Endpoint.EMBEDDINGS, new Fault.TextFails("two", "unsupported value: NaN"));
        HttpResponse<String> failed = post(Version.HTTP_1_1);
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).contains("unsupported value: NaN");
    }

    @Test
    void eachTextTakesItsTime() throws Exception {
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.SlowTexts(50));
        long start = System.nanoTime();

        assertThat(post(Version.HTTP_1_1).statusCode()).isEqualTo(200);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(149));
    }

    @Test
    void aSlowReplyIsWhole() throws Exception {
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.SlowHeaders(100));
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.SlowDrip(1, 50));

        assertThat(TestingHttp.json(post(Version.HTTP_1_1)).path("data")).hasSize(3);
        assertThat(simulator.ledger().timesDelivered(MODEL, "one")).isEqualTo(1);
    }

    @Test
    void refusalsTellInEveryWayWhenToComeBack() throws Exception {
        for (RetryAfter retryAfter : new RetryAfter[] {
            new RetryAfter.None(),
            new RetryAfter.Seconds(1),
            new RetryAfter.HttpDate(5),
            new RetryAfter.Milliseconds(250),
            new RetryAfter.Text("soon")
        }) {
            simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.RateLimit(retryAfter, false));
            HttpResponse<String> refused = post(Version.HTTP_1_1);

            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().map().keySet()).noneMatch(name -> name.startsWith("x-ratelimit"));
            assertThat(refused.headers().map().keySet().stream().filter(name -> name.startsWith("retry-after")))
                    .hasSize(retryAfter.headers().size());
        }
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.RateLimit(new RetryAfter.None(), true));
        assertThat(post(Version.HTTP_1_1).headers().firstValue("x-ratelimit-limit-tokens"))
                .isPresent();
    }

    @Test
    void aGatewayAnswersWithAPage() throws Exception {
        simulator.faults().onNext(Endpoint.EMBEDDINGS, Fault.ServerError.badGateway());
        HttpResponse<String> refused = post(Version.HTTP_1_1);

        assertThat(refused.statusCode()).isEqualTo(502);
        assertThat(refused.headers().firstValue("content-type")).contains("text/html");
        assertThat(refused.body()).contains("502 Bad Gateway");
    }

    @Test
    void aGoodReplyMayLackTheHeaders() throws Exception {
        simulator.faults().onNext(Endpoint.EMBEDDINGS, new Fault.WithoutLimitHeaders());

        assertThat(post(Version.HTTP_1_1).headers().map().keySet()).noneMatch(name -> name.startsWith("x-ratelimit"));
        assertThat(post(Version.HTTP_1_1).headers().firstValue("x-ratelimit-limit-tokens"))
                .isPresent();
    }

    @Test
    void spoiledVectorsAreSpoiledAsTheySay() throws Exception {
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 1, new Fault.Spoiled(Spoil.SHUFFLED));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 2, new Fault.Spoiled(Spoil.DUPLICATE_INDEX));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 3, new Fault.Spoiled(Spoil.WRONG_DIMENSION));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 4, new Fault.Spoiled(Spoil.NULL_VALUE));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 5, new Fault.Spoiled(Spoil.FEWER_VECTORS));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 6, new Fault.Spoiled(Spoil.NOT_A_NUMBER));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 7, new Fault.Spoiled(Spoil.ONE_VECTOR));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 8, new Fault.Spoiled(Spoil.ZERO_VECTOR));
        simulator.faults().onRequest(Endpoint.EMBEDDINGS, 9, new Fault.Spoiled(Spoil.DECIMAL_BILL));

        assertThat(data(0, "index")).isEqualTo("2");
        assertThat(data(2, "index")).isEqualTo("1");
        assertThat(TestingHttp.json(post(Version.HTTP_1_1)).path("data").path(2).path("embedding"))
                .hasSize(15);
        assertThat(TestingHttp.json(post(Version.HTTP_1_1))
                        .path("data")
                        .path(2)
                        .path("embedding")
                        .path(0)
                        .isNull())
                .isTrue();
        assertThat(TestingHttp.json(post(Version.HTTP_1_1)).path("data")).hasSize(2);
        assertThat(post(Version.HTTP_1_1).body()).contains("[NaN ");
        assertThat(TestingHttp.json(post(Version.HTTP_1_1)).path("data")).hasSize(1);
        assertThat(TestingHttp.json(post(Version.HTTP_1_1)).path("data").path(2).path("embedding"))
                .allSatisfy(value -> assertThat(value.asDouble()).isZero());
        assertThat(post(Version.HTTP_1_1).body()).contains("\"total_tokens\":3.0}");
        assertThat(simulator.ledger().timesDelivered(MODEL, "one")).isEqualTo(3);
    }

    private String data(int place, String field) throws Exception {
        return TestingHttp.json(post(Version.HTTP_1_1))
                .path("data")
                .path(place)
                .path(field)
                .asText();
    }

    @Test
    void aSeedChoosesTheSameRequestsAgain() throws Exception {
        String first = statuses(7);
        String second = statuses(7);

        assertThat(first).isEqualTo(second).contains("200").contains("500");
    }

    private String statuses(long seed) throws Exception {
        simulator.faults().withProbability(Endpoint.EMBEDDINGS, 0.5, seed, Fault.ServerError.internal());
        StringBuilder seen = new StringBuilder();
        for (int request = 0; request < 12; request++) {
            seen.append(post(Version.HTTP_1_1).statusCode()).append(' ');
        }
        simulator.faults().clear();
        return seen.toString();
    }

    @Test
    void aRequestIsHeldBeforeAndAfterItsWork() throws Exception {
        for (Hold.Moment moment : Hold.Moment.values()) {
            // given
            long billed = simulator.ledger().timesBilled(MODEL, "one");
            Hold hold = simulator.faults().hold(Endpoint.EMBEDDINGS, 1, moment);

            // when
            CompletableFuture<HttpResponse<String>> reply = CompletableFuture.supplyAsync(() -> {
                try {
                    return post(Version.HTTP_1_1);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });

            // then
            assertThat(hold.reached(LONG)).isTrue();
            assertThat(reply).isNotDone();
            assertThat(simulator.ledger().timesBilled(MODEL, "one") - billed)
                    .isEqualTo(moment == Hold.Moment.BEFORE_ITS_REPLY ? 1 : 0);
            hold.release();
            assertThat(reply.get().statusCode()).isEqualTo(200);
        }
    }
}
