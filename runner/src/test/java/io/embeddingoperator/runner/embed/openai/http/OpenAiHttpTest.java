package io.embeddingoperator.runner.embed.openai.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.CaBundle;
import io.embeddingoperator.api.v1alpha1.ConfigMapKeyReference;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiHeader;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PfxOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiHttpTest {
    private static final byte[] BODY = "{\"input\":[\"text\"]}".getBytes(UTF_8);

    @TempDir
    private Path folder;

    @Test
    void sendsTheKeyInItsHeaderAndReturnsTheWholeReply() throws Exception {
        try (TestingEndpoint server =
                        TestingEndpoint.answering(200, Map.of("X-RateLimit-Remaining-Tokens", "7"), "{}");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 2)) {
            OpenAiReply reply = http.post("/embeddings", BODY);

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).isEqualTo("{}");
            assertThat(reply.header("x-ratelimit-remaining-tokens")).contains("7");
            HttpServerRequest request = server.requests().getFirst();
            assertThat(request.uri()).isEqualTo("/v1/embeddings");
            assertThat(request.getHeader("authorization")).isEqualTo("Bearer " + TestingEndpoint.KEY);
            assertThat(request.getHeader("content-type")).isEqualTo("application/json");
            assertThat(server.body()).isEqualTo(new String(BODY, UTF_8));
        }
    }

    @Test
    void readsAReplyHoweverSoonItComes() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.answering(200, Map.of(), "{}");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 8);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> requests = Collections.nCopies(
                    2_000, () -> http.post("/embeddings", BODY).text());

            for (Future<String> reply : threads.invokeAll(requests)) {
                assertThat(reply.get()).isEqualTo("{}");
            }
        }
    }

    @Test
    void speaksHttp2WhereTheServerDoes() throws Exception {
        Path keys = keyStore();
        try (TestingEndpoint server = TestingEndpoint.encrypted(
                        keys,
                        TestingKeys.PASSWORD,
                        request -> request.response().end("{}"));
                OpenAiHttp http = trusting(keys, server)) {
            http.post("/embeddings", BODY);

            assertThat(server.requests().getFirst().version()).isEqualTo(HttpVersion.HTTP_2);
        }
    }

    /** Nothing else lets a test say which streams a server has not looked at. */
    @SuppressWarnings("deprecation")
    static Stream<Handler<HttpServerRequest>> refusals() {
        return Stream.of(
                request -> request.response().reset(7),
                request -> request.connection().goAway(0, 0));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aStreamThatAServerRefusesOverHttp2WasNotSent(Handler<HttpServerRequest> refusal) throws Exception {
        Path keys = keyStore();
        try (TestingEndpoint server = TestingEndpoint.encrypted(keys, TestingKeys.PASSWORD, refusal);
                OpenAiHttp http = OpenAiHttp.open(
                        server.endpoint(),
                        2,
                        new HttpPatience(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(10)),
                        new HttpClientOptions()
                                .setTrustOptions(new PfxOptions()
                                        .setPath(keys.toString())
                                        .setPassword(TestingKeys.PASSWORD)))) {
            OpenAiFailure.NetworkTrouble failure =
                    failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY));

            assertThat(failure.sent()).as(failure.sentence()).isFalse();
        }
    }

    @Test
    void aDownloadThatIsReadSlowlyHoldsUpNoOtherReplyOfItsConnection() throws Exception {
        // given HTTP/2, and a file of more than the server may send ahead
        Path keys = keyStore();
        Buffer file = Buffer.buffer(new byte[8 * 1024 * 1024]);
        try (TestingEndpoint server = TestingEndpoint.encrypted(
                        keys,
                        TestingKeys.PASSWORD,
                        request -> request.response()
                                .end(request.uri().endsWith("/content") ? file : Buffer.buffer("{}")));
                OpenAiHttp http = OpenAiHttp.open(
                        server.endpoint(),
                        2,
                        new HttpPatience(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(10)),
                        new HttpClientOptions()
                                .setTrustOptions(new PfxOptions()
                                        .setPath(keys.toString())
                                        .setPassword(TestingKeys.PASSWORD)));
                InputStream body = http.download("/files/file-1/content")) {
            assertThat(body.read()).isZero();

            // when, then
            assertThat(http.post("/embeddings", BODY).text()).isEqualTo("{}");
            assertThat(body.readAllBytes()).hasSize(file.length() - 1);
            assertThat(server.requests())
                    .extracting(HttpServerRequest::connection)
                    .as("one connection")
                    .containsOnly(server.requests().getFirst().connection());
        }
    }

    @Test
    void aRequestWaitsForItsTurnLongerThanForAConnectionToBeMade() throws Exception {
        // given one connection, which another request holds
        CompletableFuture<HttpServerResponse> first = new CompletableFuture<>();
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    if (!first.complete(request.response())) {
                        request.response().end("second");
                    }
                });
                OpenAiHttp http = OpenAiHttp.open(
                        server.endpoint(),
                        1,
                        new HttpPatience(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(1)),
                        new HttpClientOptions());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<String> post = () -> http.post("/embeddings", BODY).text();
            Future<String> holding = threads.submit(post);
            first.join();
            Future<String> waiting = threads.submit(post);

            // when
            Thread.sleep(2_500);
            first.join().end("first");

            // then
            assertThat(holding.get()).isEqualTo("first");
            assertThat(waiting.get()).isEqualTo("second");
        }
    }

    @Test
    void goesThroughTheProxyOfTheJvmToAServerThatOnlyTheProxyReaches() throws Exception {
        try (TestingEndpoint proxy = TestingEndpoint.answering(200, Map.of(), "{}");
                OpenAiHttp http = OpenAiHttp.open(
                        new OpenAiEndpoint(
                                URI.create("http://provider.invalid/v1"),
                                "",
                                "authorization",
                                "Bearer ",
                                Optional.of(TestingEndpoint.KEY)),
                        2,
                        ProxySelector.of(
                                new InetSocketAddress("localhost", proxy.url().getPort())))) {
            assertThat(http.post("/embeddings", BODY).status()).isEqualTo(200);

            assertThat(proxy.requests().getFirst().uri()).isEqualTo("http://provider.invalid/v1/embeddings");
        }
    }

    @Test
    void doesNotTalkToAServerWhoseCertificateNobodyVouchesFor() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.encrypted(
                        keyStore(),
                        TestingKeys.PASSWORD,
                        request -> request.response().end("{}"));
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 2)) {
            OpenAiFailure.NetworkTrouble failure =
                    failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY));

            assertThat(failure.sent()).isFalse();
            assertThat(failure.remedy()).isPresent();
            assertThat(failure.sentence())
                    .endsWith("failed: the certificate of the server localhost:%d is not trusted"
                            .formatted(server.url().getPort()));
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void whatWasRotatedIsReadAgainFromItsFileByEachKindOfRequest(int refusal) throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "sk-old-key\n");
        Path header = Files.writeString(folder.resolve("helicone-auth"), "Bearer old");
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    boolean isTaken = "Bearer sk-new-key".equals(request.getHeader("authorization"))
                            && "Bearer new".equals(request.getHeader("Helicone-Auth"));
                    request.response().setStatusCode(isTaken ? 200 : refusal).end("{}");
                });
                OpenAiHttp http = OpenAiHttp.open(
                        OpenAiEndpoint.of(
                                spec(
                                        server.url().toString(),
                                        List.of(new OpenAiHeader(
                                                "Helicone-Auth", null, new SecretKeyReference("helicone", "auth")))),
                                Map.of(
                                        EnvironmentVariable.OPENAI_API_KEY,
                                        "sk-old-key",
                                        EnvironmentVariable.OPENAI_API_KEY_FILE,
                                        key.toString(),
                                        "EMBEDDING_OPENAI_HEADER_HELICONE_AUTH",
                                        "Bearer old",
                                        EnvironmentVariable.OPENAI_HEADERS_FOLDER,
                                        folder.toString())),
                        1)) {
            OpenAiFailure.Unauthorized refused =
                    failure(OpenAiFailure.Unauthorized.class, () -> http.post("/embeddings", BODY));
            assertThat(refused.sentence())
                    .endsWith("check the API key that spec.embedder.openai.apiKey names (in a process,"
                            + " EMBEDDING_OPENAI_API_KEY), the header Helicone-Auth of spec.embedder.openai.headers"
                            + " (in a process, EMBEDDING_OPENAI_HEADER_HELICONE_AUTH) and what they may do");
            assertThat(server.requests()).as("the files hold the same").hasSize(1);

            Files.writeString(key, "sk-new-key\n");
            Files.writeString(header, "Bearer new\n");

            assertThat(http.download("/files/file-1/content").readAllBytes()).isEqualTo("{}".getBytes(UTF_8));
            assertThat(http.post("/embeddings", BODY).text()).isEqualTo("{}");
            assertThat(server.requests()).as("once with each, and once more").hasSize(4);
        }
    }

    @Test
    void everyRequestHasTheHeadersOfTheManifest() throws Exception {
        try (TestingEndpoint server =
                        TestingEndpoint.answering(request -> request.response().end("{}"));
                OpenAiHttp http = OpenAiHttp.open(
                        OpenAiEndpoint.of(
                                spec(
                                        server.url().toString(),
                                        List.of(
                                                new OpenAiHeader(
                                                        "CF-Access-Client_Secret",
                                                        null,
                                                        new SecretKeyReference("access", "secret")),
                                                new OpenAiHeader("x-portkey-provider", "openai", null))),
                                Map.of("EMBEDDING_OPENAI_HEADER_CF_ACCESS_CLIENT_SECRET", "s3cret-of-access\n")),
                        1)) {
            Path file = Files.writeString(folder.resolve("in.jsonl"), "{}");

            http.post("/embeddings", BODY);
            http.get("/batches");
            http.upload("/files", Map.of(), file, "in.jsonl");
            http.download("/files/file-1/content").close();

            assertThat(server.requests()).hasSize(4).allSatisfy(request -> {
                assertThat(request.getHeader("CF-Access-Client_Secret")).isEqualTo("s3cret-of-access");
                assertThat(request.getHeader("x-portkey-provider")).isEqualTo("openai");
            });
        }
    }

    @Test
    void noSecretHeaderIsQuoted() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.answering(
                        400, Map.of(), "{\"message\":\"cannot take Bearer s3cret-of-a-gateway, nor ret-of-a-gate\"}");
                OpenAiHttp http = OpenAiHttp.open(
                        OpenAiEndpoint.of(
                                spec(
                                        server.url().toString(),
                                        List.of(new OpenAiHeader(
                                                "X-Auth", null, new SecretKeyReference("gateway", "auth")))),
                                Map.of("EMBEDDING_OPENAI_HEADER_X_AUTH", "Bearer s3cret-of-a-gateway")),
                        1)) {
            assertThat(failure(OpenAiFailure.BadRequest.class, () -> http.post("/embeddings", BODY))
                            .sentence())
                    .endsWith("(cannot take Bearer ***, nor ***)");
        }
    }

    @ParameterizedTest
    @CsvSource({"'', is not set", "'a\nb', holds characters that no header has"})
    void aHeaderWithoutAUsableValueIsRefusedWithItsVariable(String value, String problem) {
        OpenAiEmbedder spec = spec(
                "http://localhost",
                List.of(new OpenAiHeader("X-Auth", null, new SecretKeyReference("gateway", "auth"))));

        assertThatThrownBy(() -> OpenAiEndpoint.of(spec, Map.of("EMBEDDING_OPENAI_HEADER_X_AUTH", value)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("EMBEDDING_OPENAI_HEADER_X_AUTH " + problem);
    }

    @Test
    void trustsTheManifestsAuthoritiesAndNamesItsOrganizationAndProject() throws Exception {
        Path keys = keyStore();
        Path bundle = Files.writeString(folder.resolve("ca.pem"), TestingKeys.certificate(keys));
        try (TestingEndpoint server = TestingEndpoint.encrypted(
                        keys,
                        TestingKeys.PASSWORD,
                        request -> request.response().end("{}"));
                OpenAiHttp http = OpenAiHttp.open(
                        OpenAiEndpoint.of(
                                spec(server.url().toString()),
                                Map.of(EnvironmentVariable.OPENAI_CA_BUNDLE, bundle.toString())),
                        1)) {
            assertThat(http.post("/embeddings", BODY).text()).isEqualTo("{}");

            HttpServerRequest request = server.requests().getFirst();
            assertThat(request.getHeader("openai-organization")).isEqualTo("org-abc123");
            assertThat(request.getHeader("openai-project")).isEqualTo("proj_abc123");
        }
    }

    @ParameterizedTest
    @CsvSource({"no certificate, holds something else than certificates", "'', holds no certificate"})
    void aFileOfNoCertificatesIsRefusedWithItsName(String content, String problem) throws Exception {
        Path bundle = Files.writeString(folder.resolve("ca.pem"), content);

        assertThatThrownBy(() -> OpenAiEndpoint.of(
                        spec("https://localhost"), Map.of(EnvironmentVariable.OPENAI_CA_BUNDLE, bundle.toString())))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("ca.pem, which EMBEDDING_OPENAI_CA_BUNDLE names, " + problem);
    }

    @Test
    void authoritiesThatAreMissingAreRefused() {
        assertThatThrownBy(() -> OpenAiEndpoint.of(spec("https://localhost"), Map.of()))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("EMBEDDING_OPENAI_CA_BUNDLE is not set");
    }

    @Test
    void aCertificateOfAnotherNameIsToldAsThat() throws Exception {
        Path keys = keyStore("dns:provider.example");
        try (TestingEndpoint server = TestingEndpoint.encrypted(
                        keys,
                        TestingKeys.PASSWORD,
                        request -> request.response().end("{}"));
                OpenAiHttp http = trusting(keys, server)) {
            OpenAiFailure.NetworkTrouble failure =
                    failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY));

            assertThat(failure.remedy()).isPresent();
            assertThat(failure.sentence())
                    .endsWith("the certificate of the server localhost:%d is for another name"
                            .formatted(server.url().getPort()));
        }
    }

    @Test
    void aServerWithoutANameIsToldAsThat() throws Exception {
        OpenAiEndpoint nowhere = new OpenAiEndpoint(
                URI.create("http://provider.invalid/v1"), "", "authorization", "Bearer ", Optional.empty());
        try (OpenAiHttp http = OpenAiHttp.open(nowhere, 1)) {
            assertThat(failure(OpenAiFailure.NetworkTrouble.class, () -> http.get("/files"))
                            .sentence())
                    .endsWith("failed: the name provider.invalid is not known");
        }
    }

    @Test
    void aProxyThatMakesNoConnectionIsNamed() throws Exception {
        try (TestingEndpoint proxy = TestingEndpoint.answering(403, Map.of(), "");
                OpenAiHttp http = OpenAiHttp.open(
                        new OpenAiEndpoint(
                                URI.create("https://provider.invalid/v1"),
                                "",
                                "authorization",
                                "Bearer ",
                                Optional.empty()),
                        2,
                        ProxySelector.of(
                                new InetSocketAddress("localhost", proxy.url().getPort())))) {
            assertThat(failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY))
                            .sentence())
                    .contains("the proxy localhost:%d makes no connection"
                            .formatted(proxy.url().getPort()))
                    .contains("403");
        }
    }

    @Test
    void aRefusedConnectionWasNotSent() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        OpenAiEndpoint unreachable = new OpenAiEndpoint(
                URI.create("http://localhost:" + port), "", "authorization", "Bearer ", Optional.empty());
        try (OpenAiHttp http = OpenAiHttp.open(unreachable, 1)) {
            assertThat(failure(OpenAiFailure.NetworkTrouble.class, () -> http.get("/files"))
                            .sent())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionThatEndsBeforeTheReplyMayHaveBeenServed(boolean abruptly) throws Exception {
        assertThat(troubleOf("", abruptly).sent()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{\"object\":\"list\"",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"object\":\"list\"\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 10"
            })
    void aTruncatedReplyIsNoReply(String bytes) throws Exception {
        assertThat(troubleOf(bytes, false).sent()).isTrue();
        assertThat(troubleOf(bytes, true).sent()).isTrue();
    }

    @Test
    void whatIsNotHttpIsTrouble() throws Exception {
        assertThat(troubleOf("SSH-2.0-OpenSSH_9.6\r\n", false).sent()).isTrue();
    }

    @Test
    void givesUpOnAReplyThatDripsIn() throws Exception {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    HttpServerResponse response = request.response().setChunked(true);
                    request.connection().closeHandler(_ -> closed.complete(null));
                    drip(response);
                });
                OpenAiHttp http = OpenAiHttp.open(
                        server.endpoint(),
                        1,
                        new HttpPatience(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(500)),
                        new HttpClientOptions())) {
            OpenAiFailure.NetworkTrouble failure =
                    failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY));

            assertThat(failure.sent()).isTrue();
            assertThat(failure.sentence()).contains("no whole reply within");
            closed.join();
        }
    }

    @Test
    void givesUpOnAServerThatSaysNothing() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.answering(_ -> {});
                OpenAiHttp http = OpenAiHttp.open(
                        server.endpoint(),
                        1,
                        new HttpPatience(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofMinutes(5)),
                        new HttpClientOptions())) {
            assertThat(failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY))
                            .sent())
                    .isTrue();
        }
    }

    @Test
    void anInterruptedRequestIsGivenUp() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    request.connection().closeHandler(_ -> closed.complete(null));
                    received.countDown();
                });
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    http.post("/embeddings", BODY);
                    outcome.complete(null);
                } catch (OpenAiException | InterruptedException e) {
                    outcome.complete(e);
                }
            });
            received.await();

            thread.interrupt();

            assertThat(outcome.join()).isInstanceOf(InterruptedException.class);
            closed.join();
        }
    }

    @Test
    void followsNoRedirectBecauseTheKeyWouldGoAlong() throws Exception {
        try (TestingEndpoint server =
                        TestingEndpoint.answering(307, Map.of("location", "https://elsewhere.example/v1"), "");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            OpenAiFailure.NotFound failure =
                    failure(OpenAiFailure.NotFound.class, () -> http.post("/embeddings", BODY));

            assertThat(OpenAiFailures.fatal(failure).orElseThrow())
                    .hasMessageEndingWith(
                            "/embeddings redirects to https://elsewhere.example/v1: set spec.embedder.openai.baseUrl to where"
                                    + " the API is served: a redirect is not followed, since the key would go along");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsWhatAGatewayCompressesAlthoughItWasAskedNotTo(boolean announced) throws Exception {
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    if (announced) {
                        request.response().putHeader("content-encoding", "gzip");
                    }
                    request.response().end(gzipped("{\"id\":\"file-1\"}"));
                });
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            assertThat(http.post("/embeddings", BODY).text()).isEqualTo("{\"id\":\"file-1\"}");
            try (InputStream body = http.download("/files/file-1/content")) {
                assertThat(body).hasContent("{\"id\":\"file-1\"}");
            }
            assertThat(server.requests())
                    .extracting(request -> request.getHeader("accept-encoding"))
                    .containsOnly("identity");
        }
    }

    @Test
    void plainJsonThatIsAnnouncedAsCompressedIsReadAsItIs() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.answering(200, Map.of("content-encoding", "gzip"), "{}");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            assertThat(http.post("/embeddings", BODY).text()).isEqualTo("{}");
        }
    }

    @Test
    void aCompressedReplyThatIsCutIsNoReply() throws Exception {
        Buffer whole = gzipped("{\"id\":\"file-1\"}");
        try (TestingEndpoint server = TestingEndpoint.answering(
                        request -> request.response().end(whole.getBuffer(0, whole.length() / 2)));
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            assertThat(failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY))
                            .sent())
                    .isTrue();
        }
    }

    @Test
    void anErrorWithAGoodStatusIsNoReply() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.answering(
                        200,
                        Map.of(),
                        "{\"error\":{\"message\":\"no healthy deployment for my-model\",\"type\":\"invalid_request_error\"}}");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            assertThat(failure(OpenAiFailure.BadRequest.class, () -> http.post("/embeddings", BODY))
                            .sentence())
                    .endsWith("answered 200 (no healthy deployment for my-model)");
        }
    }

    @Test
    void aPageWithAGoodStatusIsNoReply() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.answering(
                        200, Map.of(), "\n<!doctype html><html><head><title>Sign in</title></head></html>");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            assertThat(failure(OpenAiFailure.NotFound.class, () -> http.post("/embeddings", BODY))
                            .sentence())
                    .endsWith("answered 200 (Sign in)");
        }
    }

    @Test
    void neverTellsTheKey() throws Exception {
        String quoting = "{\"error\":{\"message\":\"Incorrect API key provided: %s (sk-sec********test).\"}}"
                .formatted(TestingEndpoint.KEY);
        try (TestingEndpoint server = TestingEndpoint.answering(401, Map.of(), quoting);
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            OpenAiException thrown = catchThrowableOfType(OpenAiException.class, () -> http.post("/embeddings", BODY));

            assertThat(thrown.getMessage())
                    .contains("answered 401 (Incorrect API key provided: *** (***).)")
                    .contains("EMBEDDING_OPENAI_API_KEY");
            assertThat(thrown.failure().toString() + server.endpoint()).doesNotContain("sk-sec");
        }
    }

    @Test
    void uploadsAFileAsAForm() throws Exception {
        Path file = Files.writeString(folder.resolve("local"), "{\"custom_id\":\"1\"}\n");
        try (TestingEndpoint server = TestingEndpoint.answering(200, Map.of(), "{\"id\":\"file-1\"}");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            http.upload("/files", Map.of("purpose", "batch"), file, "batch-1.jsonl");

            assertThat(server.body())
                    .contains("name=\"purpose\"")
                    .contains("filename=\"batch-1.jsonl\"")
                    .contains("{\"custom_id\":\"1\"}\n");
        }
    }

    @Test
    void aSlowReaderSlowsADownloadDown() throws Exception {
        int parts = 512;
        Buffer part = Buffer.buffer(new byte[256 * 1024]);
        AtomicLong written = new AtomicLong();
        try (TestingEndpoint server = TestingEndpoint.answering(request -> {
                    HttpServerResponse response = request.response().setChunked(true);
                    write(response, part, new AtomicInteger(parts), written);
                });
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1);
                InputStream body = http.download("/files/file-1/content")) {
            assertThat(body.read()).isZero();
            long before;
            do {
                before = written.get();
                Thread.sleep(200);
            } while (written.get() > before);
            assertThat(before).as("bytes that were sent to a reader that waits").isLessThan(64L * 1024 * 1024);

            assertThat(body.transferTo(OutputStream.nullOutputStream()) + 1).isEqualTo((long) parts * part.length());
        }
    }

    @Test
    void aDownloadThatBreaksOffFailsInTheMiddle() throws Exception {
        try (TestingEndpoint server = TestingEndpoint.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false);
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1);
                InputStream body = http.download("/files/file-1/content")) {
            assertThatThrownBy(body::readAllBytes)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the download broke off");
            assertThatThrownBy(body::read).as("and never looks complete").isInstanceOf(IOException.class);
        }
    }

    @Test
    void aDownloadThatIsRefusedIsAFailureLikeAnyOther() throws Exception {
        try (TestingEndpoint server =
                        TestingEndpoint.answering(404, Map.of(), "{\"error\":{\"message\":\"No such File\"}}");
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            assertThat(failure(OpenAiFailure.NotFound.class, () -> http.download("/files/file-1/content"))
                            .sentence())
                    .contains("No such File");
        }
    }

    private static Buffer gzipped(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream compressed = new GZIPOutputStream(bytes)) {
            compressed.write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Buffer.buffer(bytes.toByteArray());
    }

    private static OpenAiFailure.NetworkTrouble troubleOf(String bytes, boolean abruptly) {
        try (TestingEndpoint server = TestingEndpoint.raw(bytes, abruptly);
                OpenAiHttp http = OpenAiHttp.open(server.endpoint(), 1)) {
            return failure(OpenAiFailure.NetworkTrouble.class, () -> http.post("/embeddings", BODY));
        }
    }

    private static <F extends OpenAiFailure> F failure(Class<F> kind, ThrowingCallable call) {
        OpenAiException thrown = catchThrowableOfType(OpenAiException.class, call);
        assertThat(thrown).as("the request fails").isNotNull();
        assertThat(thrown.failure()).isInstanceOf(kind);
        return kind.cast(thrown.failure());
    }

    private static void drip(HttpServerResponse response) {
        response.write(" ").onSuccess(_ -> Vertx.currentContext().owner().setTimer(50, _ -> drip(response)));
    }

    private static void write(HttpServerResponse response, Buffer part, AtomicInteger left, AtomicLong written) {
        if (left.getAndDecrement() == 0) {
            response.end();
            return;
        }
        response.write(part).onSuccess(_ -> {
            written.addAndGet(part.length());
            write(response, part, left, written);
        });
    }

    private static OpenAiEmbedder spec(String baseUrl) {
        return spec(baseUrl, new CaBundle(new ConfigMapKeyReference("authorities", "ca.crt"), null), List.of());
    }

    private static OpenAiEmbedder spec(String baseUrl, List<OpenAiHeader> headers) {
        return spec(baseUrl, null, headers);
    }

    private static OpenAiEmbedder spec(String baseUrl, CaBundle authorities, List<OpenAiHeader> headers) {
        return TestingOpenAi.model("a-model", 8)
                .with("baseUrl", baseUrl)
                .with("server", OpenAiServer.VLLM)
                .with("caBundle", authorities)
                .with("organization", "org-abc123")
                .with("project", "proj_abc123")
                .with("headers", headers)
                .embedder();
    }

    private Path keyStore() throws IOException, InterruptedException {
        return keyStore("dns:localhost,ip:127.0.0.1");
    }

    private Path keyStore(String names) throws IOException, InterruptedException {
        return TestingKeys.store(folder.resolve("keys.p12"), "EC", "-dname", "CN=localhost", "-ext", "san=" + names);
    }

    /** A client that takes the server's own certificate for good. */
    private static OpenAiHttp trusting(Path keys, TestingEndpoint server) {
        return OpenAiHttp.open(
                server.endpoint(),
                2,
                HttpPatience.USUAL,
                new HttpClientOptions()
                        .setTrustOptions(
                                new PfxOptions().setPath(keys.toString()).setPassword(TestingKeys.PASSWORD)));
    }
}
