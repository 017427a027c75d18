package io.embeddingoperator.openai.simulator.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorClock;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchState;
import io.embeddingoperator.openai.simulator.fault.BillingCode;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import io.embeddingoperator.openai.simulator.testing.TestingHttp;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdminEndpointTest {
    private static final String BODY =
            "{\"model\":\"text-embedding-3-small\",\"input\":\"hello world\",\"dimensions\":4,\"encoding_format\":\"float\"}";

    private final TestingHttp http = new TestingHttp(Version.HTTP_1_1);
    private OpenAiSimulator simulator;

    @BeforeEach
    void start() {
        simulator = OpenAiSimulator.start(
                SimulatorSettings.defaults().withClock(SimulatorClock.standing(Instant.parse("2026-11-26T06:00:00Z"))));
    }

    @AfterEach
    void close() {
        simulator.close();
    }

    private URI page(String name) {
        return simulator.root().resolve("/simulator/" + name);
    }

    private HttpResponse<String> embed() throws Exception {
        return http.post(URI.create(simulator.baseUri() + "/embeddings"), BODY);
    }

    @Test
    void theLedgerIsAPage() throws Exception {
        embed();

        HttpResponse<String> page = http.get(page("ledger"));

        assertThat(TestingHttp.json(page).path("tokens").asLong()).isEqualTo(2);
        assertThat(TestingHttp.json(page).path("costUsd").asText()).isEqualTo("0.00000004");
        assertThat(TestingHttp.json(page).path("bills").path(0).path("id").asText())
                .startsWith("req_");
        assertThat(http.get(page("statuses")).body()).isEqualTo("{\"EMBEDDINGS\":{\"200\":1}}");
        assertThat(http.get(page("violations")).body()).isEqualTo("[]");
        assertThat(http.get(page("batches")).body()).isEqualTo("[]");
        assertThat(http.get(page("files")).body()).isEqualTo("[]");
        assertThat(http.get(page("nothing")).statusCode()).isEqualTo(404);
    }

    @Test
    void faultsAreScheduledFromOutside() throws Exception {
        http.post(
                page("faults"),
                "{\"endpoint\":\"EMBEDDINGS\",\"from\":2,\"to\":3,\"fault\":{\"kind\":\"ServerError\",\"status\":503,\"page\":\"JSON\",\"retryAfter\":{\"kind\":\"Seconds\",\"seconds\":1}}}");

        assertThat(embed().statusCode()).isEqualTo(200);
        assertThat(embed().statusCode()).isEqualTo(503);
        assertThat(embed().statusCode()).isEqualTo(503);
        assertThat(embed().statusCode()).isEqualTo(200);
        HttpResponse<String> wrong =
                http.post(page("faults"), "{\"endpoint\":\"EMBEDDINGS\",\"fault\":{\"kind\":\"NullOutput\"}}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("cannot happen to EMBEDDINGS");
    }

    @Test
    void clockAndLimitsAreSetFromOutside() throws Exception {
        http.post(page("clock"), "{\"advanceSeconds\":3600,\"speed\":0}");
        http.post(page("limits"), "{\"tokensPerMinute\":100,\"requestsPerMinute\":10}");
        http.post(page("limits"), "{\"times\":0.5}");
        http.post(page("limits"), "{\"enqueuedTokens\":0}");

        assertThat(simulator.clock().instant()).isEqualTo(Instant.parse("2026-11-26T07:00:00Z"));
        assertThat(embed().headers().firstValue("x-ratelimit-limit-tokens")).contains("50");
        assertThat(http.post(page("clock"), "{\"now\":\"yesterday\"}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void aRotatedKeyOpensNothingAnyMore() throws Exception {
        http.post(page("keys"), "{\"from\":\"%s\",\"to\":\"sk-new\"}".formatted(Account.DEFAULT.key()));

        assertThat(embed().statusCode()).isEqualTo(401);
    }

    private static Stream<Fault> faults() {
        return Stream.of(
                new Fault.RateLimit(new RetryAfter.HttpDate(5), true),
                new Fault.SlowDown(new RetryAfter.Milliseconds(100)),
                new Fault.Billing(BillingCode.INSUFFICIENT_QUOTA),
                Fault.ServerError.badGateway(),
                new Fault.Answer(401, "m", "t", "c"),
                Fault.Verbatim.page(200, "Sign in"),
                new Fault.TextRefused("bad", "m"),
                new Fault.TextFails("bad", "NaN"),
                new Fault.TextTooLong(512),
                new Fault.TooManyTexts(10),
                new Fault.SlowTexts(4000),
                new Fault.GoAway(),
                new Fault.FailsAfterwards(500),
                new Fault.Compressed(),
                Fault.OtherHeaders.nothingLeft(),
                new Fault.SlowHeaders(10),
                new Fault.SlowDrip(10, 5),
                new Fault.Reset(true),
                new Fault.Cut(Fault.Cut.Ending.RESET, 0.5),
                new Fault.WithoutLimitHeaders(),
                new Fault.Spoiled(Spoil.SHUFFLED),
                new BatchFault.FailsValidation("c", "m"),
                new BatchFault.EnqueuedTokenLimit(),
                new BatchFault.EnqueuedRequestLimit(),
                new BatchFault.QueueNotReleased(5),
                new BatchFault.Expires(0.5, 60),
                new BatchFault.CancelledByOthers(BatchState.FINALIZING, 1),
                new BatchFault.Stuck(BatchState.VALIDATING, 60),
                new BatchFault.UnknownStatus("s"),
                new BatchFault.NullOutput(),
                new BatchFault.OutputNamedLate(3),
                new BatchFault.EmptyErrorFileId(),
                new BatchFault.CountsDisagree(),
                new BatchFault.LinesFail(2, 500, "c", "m"),
                new BatchFault.LinesTimeOut(2),
                new BatchFault.SpoiledLines(Spoil.NULL_VALUE, 2),
                new BatchFault.SpoiledOutput(BatchFault.SpoiledOutput.How.CRLF),
                new BatchFault.UntoldBill(),
                new BatchFault.NoMetadata(),
                new BatchFault.IgnoresBase64());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyFaultCanBeWrittenAsJson(Fault fault) throws Exception {
        ObjectMapper json = new ObjectMapper();

        String written = json.writerFor(Fault.class).writeValueAsString(fault);

        assertThat(json.readValue(written, Fault.class)).isEqualTo(fault);
    }
}
