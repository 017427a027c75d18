package io.embeddingoperator.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingPortTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private TestingModel model = TestingModel.atOnce();
    private EmbeddingPort port;

    @AfterEach
    void close() {
        model.permit(1_000);
        if (port != null) {
            port.close();
        }
        client.close();
    }

    @Test
    void aTextComesBackAsAVectorInOpenAisForm() throws Exception {
        // given
        open();

        // when
        HttpResponse<String> reply = post("{\"model\": \"wiki\", \"input\": \"four\"}");

        // then
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(reply.body())).isEqualTo(JSON.readTree("""
                                {"object": "list", "model": "wiki", "usage": {"prompt_tokens": 4, "total_tokens": 4},
                                 "data": [{"object": "embedding", "index": 0, "embedding": [4.0, 1.0]}]}
                                """));
        assertThat(reply.headers().firstValue("x-embedding-fingerprint"))
                .hasValueSatisfying(fingerprint -> assertThat(fingerprint).hasSize(64));
    }

    @Test
    void manyTextsComeBackInTheirOrder() throws Exception {
        // given
        open();

        // when
        JsonNode reply = JSON.readTree(
                post("{\"model\": \"wiki\", \"input\": [\"ccc\", \"a\", \"bb\"], \"input_type\": \"document\"}")
                        .body());

        // then
        assertThat(reply.path("data").findValuesAsText("index")).containsExactly("0", "1", "2");
        assertThat(reply.path("data"))
                .extracting(vector -> vector.path("embedding").toString())
                .containsExactly("[3.0,0.0]", "[1.0,0.0]", "[2.0,0.0]");
    }

    @Test
    void vectorsComeAsBytesWhereTheClientAsksForThem() throws Exception {
        // given
        open();

        // when
        JsonNode reply =
                JSON.readTree(post("{\"model\": \"wiki\", \"input\": \"four\", \"encoding_format\": \"base64\"}")
                        .body());

        // then
        byte[] bytes = Base64.getDecoder()
                .decode(reply.path("data").path(0).path("embedding").textValue());
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat())
                .isEqualTo(4);
        assertThat(bytes).hasSize(2 * Float.BYTES);
    }

    @Test
    void aBodyMayComeCompressed() throws Exception {
        // given
        open();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(body)) {
            gzip.write("{\"model\": \"wiki\", \"input\": \"four\"}".getBytes(StandardCharsets.US_ASCII));
        }

        // when
        HttpResponse<String> reply = client.send(
                HttpRequest.newBuilder(uri("/v1/embeddings"))
                        .header("Content-Encoding", "gzip")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                        .build(),
                BodyHandlers.ofString());

        // then
        assertThat(reply.body()).contains("[4.0,1.0]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {                                                    | 400 | The body is not JSON
                    []                                                   | 400 | The body is not a JSON object
                    {"input": "a"}                                       | 400 | model is missing: this endpoint serves "wiki"
                    {"model": "other", "input": "a"}                     | 404 | model is "other", and this endpoint serves "wiki"
                    {"model": "wiki"}                                    | 400 | input is missing or empty
                    {"model": "wiki", "input": []}                       | 400 | input is missing or empty
                    {"model": "wiki", "input": ["a", " "]}               | 400 | input[1] is empty
                    {"model": "wiki", "input": [1, 2]}                   | 400 | input[0] holds tokens
                    {"model": "wiki", "input": [[1, 2]]}                 | 400 | input[0] holds tokens
                    {"model": "wiki", "input": ["a", {"b": 1}]}          | 400 | input[1] is {"b":1}: give a text
                    {"model": "wiki", "input": ["a", "a", "a", "a"]}     | 400 | input holds 4 texts, and a request may hold 3
                    {"model": "wiki", "input": "a", "dimensions": 1}     | 400 | dimensions is 1, and vectors of this endpoint have 2
                    {"model": "wiki", "input": "a", "dimensions": "2"}   | 400 | dimensions is "2"
                    {"model": "wiki", "input": "a", "input_type": "web"} | 400 | input_type is "web"
                    {"model": "wiki", "input": "a", "encoding_format": 1}| 400 | encoding_format is 1
                    {"model": "wiki", "input": "a", "truncate": "yes"}   | 400 | truncate is "yes"
                    """)
    void aWrongRequestIsRefusedInASentence(String body, int status, String message) throws Exception {
        // given
        open();

        // when
        HttpResponse<String> reply = post(body);

        // then
        assertThat(reply.statusCode()).isEqualTo(status);
        JsonNode error = JSON.readTree(reply.body()).path("error");
        assertThat(error.path("message").textValue()).startsWith(message).endsWith(".");
        assertThat(error.path("type").textValue()).isEqualTo("invalid_request_error");
    }

    @Test
    void aTextLosesItsEndOnlyWhereTheClientAllowsIt() throws Exception {
        // given
        open();
        String text = "a".repeat(TestingModel.MAX_TOKENS + 1);

        // when
        HttpResponse<String> refused = post("{\"model\": \"wiki\", \"input\": \"%s\"}".formatted(text));
        HttpResponse<String> cut = post("{\"model\": \"wiki\", \"input\": \"%s\", \"truncate\": true}".formatted(text));

        // then
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("input[0] is longer than the 40 tokens that the model reads");
        assertThat(cut.statusCode()).isEqualTo(200);
        assertThat(cut.body()).contains("\"prompt_tokens\":40");
    }

    @Test
    void aBodyWithoutEndIsRefused() throws Exception {
        // given
        open();

        // when
        HttpResponse<String> reply = post(" ".repeat(1_001));

        // then
        assertThat(reply.statusCode()).isEqualTo(413);
        assertThat(reply.body()).contains("The body is longer than 1000 bytes");
    }

    @Test
    void aTextThatTheModelFailsForFailsItsOwnRequestAlone() throws Exception {
        // given: both wait while the model is at work
        model = TestingModel.whenPermitted();
        open();
        CompletableFuture<HttpResponse<String>> first = send("before");
        await(() -> model.calls().size() == 1);
        CompletableFuture<HttpResponse<String>> wanted = send("wanted..");
        CompletableFuture<HttpResponse<String>> unwanted = send(TestingModel.UNWANTED);
        await(() -> metrics().contains("embedding_endpoint_queued_texts 2.0"));

        // when
        model.permit(1_000);

        // then
        assertThat(first.join().statusCode()).isEqualTo(200);
        assertThat(wanted.join().statusCode()).isEqualTo(200);
        assertThat(unwanted.join().statusCode()).isEqualTo(500);
        assertThat(unwanted.join().body()).contains("input[0] cannot be embedded: the model does not like it");
    }

    @Test
    void aClientThatGoesAwayIsNotWorkedFor() throws Exception {
        // given
        model = TestingModel.whenPermitted();
        open();
        CompletableFuture<HttpResponse<String>> first = send("before");
        await(() -> model.calls().size() == 1);

        // when
        String body = "{\"model\": \"wiki\", \"input\": \"never\"}";
        try (Socket gone = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
            gone.getOutputStream()
                    .write("POST /v1/embeddings HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(body.length(), body)
                            .getBytes(StandardCharsets.US_ASCII));
            await(() -> metrics().contains("embedding_endpoint_queued_texts 1.0"));
        }
        await(() -> metrics().contains("embedding_endpoint_queued_texts 0.0"));
        model.permit(1_000);

        // then
        assertThat(first.join().statusCode()).isEqualTo(200);
        assertThat(model.calls()).containsExactly(List.of("before"));
    }

    @Test
    void whatWasAskedIsAnsweredBeforeTheEnd() throws Exception {
        // given
        model = TestingModel.whenPermitted();
        open();
        CompletableFuture<HttpResponse<String>> asked = send("before");
        await(() -> model.calls().size() == 1);

        // when
        CompletableFuture<Void> closed = CompletableFuture.runAsync(port::close);
        await(() -> refusesConnections());
        model.permit(1_000);

        // then
        assertThat(asked.join().statusCode()).isEqualTo(200);
        assertThatCode(closed::join).doesNotThrowAnyException();
        port = null;
    }

    @Test
    void theModelIsDescribed() throws Exception {
        // given
        open();

        // when
        JsonNode models = JSON.readTree(get("/v1/models").body());
        JsonNode one = JSON.readTree(get("/v1/models/wiki").body());

        // then
        assertThat(models.path("data").path(0)).isEqualTo(one);
        assertThat(one.path("id").textValue()).isEqualTo("wiki");
        assertThat(one.path("dimensions").intValue()).isEqualTo(2);
        assertThat(get("/healthz").body()).isEqualTo("ok");
        assertThat(get("/v1/models/other").statusCode()).isEqualTo(404);
        assertThat(get("/v1/embeddings").statusCode()).isEqualTo(404);
    }

    private void open() {
        port = EmbeddingPort.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new ServedModel(List.of("wiki"), model),
                new ServeLimits(Duration.ofSeconds(30), 3, 1_000));
    }

    private boolean refusesConnections() {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private CompletableFuture<HttpResponse<String>> send(String text) {
        return client.sendAsync(
                request("{\"model\": \"wiki\", \"input\": \"%s\"}".formatted(text)), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws Exception {
        return client.send(request(body), BodyHandlers.ofString());
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(uri("/v1/embeddings"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> get(String path) {
        try {
            return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String metrics() {
        return get("/metrics").body();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(port.port(), path));
    }

    private static void await(BooleanSupplier happened) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!happened.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it did not happen in time").isLessThan(end);
            Thread.sleep(5);
        }
    }
}
