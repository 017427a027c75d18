package io.embeddingoperator.runner.embed.openai.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** A server on this machine that answers as a test tells it, down to the bytes on the wire. */
public final class TestingEndpoint implements AutoCloseable {
    static final String KEY = "sk-secret-of-this-test";

    private final Vertx vertx = Vertx.vertx();
    private final List<HttpServerRequest> requests = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private int port;
    private String scheme = "http";

    private TestingEndpoint() {}

    /** Each request has been read to its end when it is answered. */
    public static TestingEndpoint answering(Handler<HttpServerRequest> answer) {
        return answering((request, _) -> answer.handle(request));
    }

    /** @param answer is given the body as well */
    public static TestingEndpoint answering(BiConsumer<HttpServerRequest, String> answer) {
        TestingEndpoint endpoint = new TestingEndpoint();
        endpoint.listen(new HttpServerOptions(), answer);
        return endpoint;
    }

    public static TestingEndpoint answering(int status, Map<String, String> headers, String body) {
        return answering(request -> {
            HttpServerResponse response = request.response().setStatusCode(status);
            headers.forEach(response::putHeader);
            response.end(body);
        });
    }

    /**
     * Embeds: one token a text.
     *
     * @param spoiling is given the texts and the items of {@code data}, and gives the items that are sent
     */
    public static TestingEndpoint embedding(
            int dimensions, BiFunction<List<String>, List<String>, List<String>> spoiling) {
        TestingEndpoint[] endpoint = new TestingEndpoint[1];
        endpoint[0] = answering(request -> {
            List<String> texts = texts(endpoint[0].body());
            String vector = String.join(",", Collections.nCopies(dimensions, "0.5"));
            List<String> data = IntStream.range(0, texts.size())
                    .mapToObj(i -> "{\"index\":%d,\"embedding\":[%s]}".formatted(i, vector))
                    .toList();
            request.response()
                    .end("{\"data\":[%s],\"usage\":{\"total_tokens\":%d}}"
                            .formatted(String.join(",", spoiling.apply(texts, data)), texts.size()));
        });
        return endpoint[0];
    }

    private static List<String> texts(String body) {
        return new JsonObject(body)
                .getJsonArray("input").stream().map(Object::toString).toList();
    }

    /** HTTP/2 and 1.1 over TLS. */
    static TestingEndpoint encrypted(Path keyStore, String password, Handler<HttpServerRequest> answer) {
        TestingEndpoint endpoint = new TestingEndpoint();
        endpoint.scheme = "https";
        endpoint.listen(
                new HttpServerOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setKeyCertOptions(
                                new PfxOptions().setPath(keyStore.toString()).setPassword(password)),
                (request, _) -> answer.handle(request));
        return endpoint;
    }

    /** HTTP/1.1 over TLS, a connection a request: the client has to prove by a certificate who it is. */
    static TestingEndpoint askingForCertificates(Path keyStore, String trusted, Handler<HttpServerRequest> answer) {
        TestingEndpoint endpoint = new TestingEndpoint();
        endpoint.scheme = "https";
        endpoint.listen(
                new HttpServerOptions()
                        .setSsl(true)
                        .setClientAuth(ClientAuth.REQUIRED)
                        .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(trusted)))
                        .setKeyCertOptions(
                                new PfxOptions().setPath(keyStore.toString()).setPassword(TestingKeys.PASSWORD)),
                (request, _) -> {
                    request.response().putHeader("connection", "close");
                    answer.handle(request);
                });
        return endpoint;
    }

    /** Each request is answered with these bytes, and the connection is closed; abruptly, if so wished. */
    static TestingEndpoint raw(String bytes, boolean abruptly) {
        TestingEndpoint endpoint = new TestingEndpoint();
        NetServer server = endpoint.vertx.createNetServer(new NetServerOptions().setSoLinger(abruptly ? 0 : -1));
        server.connectHandler(socket -> socket.handler(_ -> answer(socket, bytes)));
        endpoint.port = await(server.listen(0, "127.0.0.1")).actualPort();
        return endpoint;
    }

    public URI url() {
        return URI.create("%s://localhost:%d/v1".formatted(scheme, port));
    }

    OpenAiEndpoint endpoint() {
        return new OpenAiEndpoint(url(), "", "authorization", "Bearer ", Optional.of(KEY));
    }

    /** What came in so far. */
    public List<HttpServerRequest> requests() {
        return List.copyOf(requests);
    }

    /** The texts of all requests, in order. */
    public List<String> texts() {
        return bodies.stream().flatMap(body -> texts(body).stream()).toList();
    }

    /** The body of the last request. */
    String body() {
        return bodies.getLast();
    }

    @Override
    public void close() {
        await(vertx.close());
    }

    private void listen(HttpServerOptions options, BiConsumer<HttpServerRequest, String> answer) {
        HttpServer server = vertx.createHttpServer(options);
        server.requestHandler(request -> request.body().onSuccess(body -> {
            requests.add(request);
            bodies.add(body.toString());
            answer.accept(request, body.toString());
        }));
        port = await(server.listen(0, "127.0.0.1")).actualPort();
    }

    private static void answer(NetSocket socket, String bytes) {
        (bytes.isEmpty() ? Future.succeededFuture() : socket.write(bytes)).onComplete(_ -> socket.close());
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
