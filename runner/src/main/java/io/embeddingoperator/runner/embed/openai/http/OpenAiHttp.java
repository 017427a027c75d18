package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.runner.failure.ConnectionFault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.ClientMultipartForm;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ProxyOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Talks to an endpoint over HTTP/1.1 or 2, whichever the server chooses. Calls block the calling thread, which is best a
 * virtual one; they are not retried here, and no redirect is followed, since that could carry the key elsewhere. Safe for
 * concurrent use.
 *
 * <p>It stands on Vert.x's HTTP client and not on the web client above it, which can neither give up a reply that drips in nor
 * stream a download with back-pressure.
 */
public final class OpenAiHttp implements AutoCloseable {
    /** Servers close idle connections after 5 s and more (uvicorn); a request on one that closes is lost. */
    private static final int KEEP_ALIVE_SECONDS = 4;

    /** A reply of this size is no reply: 2048 vectors of 16,000 numbers in base64 are less. */
    private static final int LONGEST_BODY = 256 * 1024 * 1024;

    private static final int MULTIPLEXED_A_CONNECTION = 64;

    /**
     * What a server may send over HTTP/2 before it hears that it was read. HTTP's own default is 64 KiB for all replies of a
     * connection together: a round trip for a handful of vectors, and a download that is read slowly would hold up all others.
     */
    private static final int REPLY_WINDOW_BYTES = 1024 * 1024;

    private static final int CONNECTION_WINDOW_BYTES = 16 * REPLY_WINDOW_BYTES;

    /** What is said to a key or header that is not taken: gateways have 403 for it as well. */
    private static final Set<Integer> REFUSALS = Set.of(401, 403);

    private final HttpPatience patience;
    private final RefusedStreams refused = new RefusedStreams();
    private final Optional<ProxyOptions> proxy;
    private final Vertx vertx;
    private final HttpClient client;
    private final ReentrantLock renewing = new ReentrantLock();

    /** Another one once a secret was rotated. */
    private volatile OpenAiEndpoint endpoint;

    private OpenAiHttp(OpenAiEndpoint endpoint, HttpPatience patience, HttpClientOptions options, int connections) {
        this.endpoint = endpoint;
        this.patience = patience;
        this.proxy = Optional.ofNullable(options.getProxyOptions());
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                // Nothing is read from the classpath, and a container's file system may be read-only.
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        this.client = vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions()
                        .setHttp1MaxSize(connections)
                        .setHttp2MaxSize(Math.ceilDiv(connections, MULTIPLEXED_A_CONNECTION)))
                // What fails is told by whoever asked for it; without a handler Vert.x would log it as an error as
                // well.
                .withConnectHandler(connection -> {
                    connection.exceptionHandler(_ -> {});
                    refused.watch(connection);
                    if (endpoint.clientKeys().isPresent() && connection.isSsl()) {
                        ClientKeys.forget(connection.sslSession());
                    }
                })
                .build();
    }

    /** @param connections requests that may be in flight at a time; further ones wait */
    public static OpenAiHttp open(OpenAiEndpoint endpoint, int connections) {
        return open(endpoint, connections, ProxySelector.getDefault());
    }

    static OpenAiHttp open(OpenAiEndpoint endpoint, int connections, ProxySelector proxies) {
        HttpClientOptions options = new HttpClientOptions();
        SystemProxy.of(endpoint.base(), proxies).ifPresent(options::setProxyOptions);
        endpoint.authorities().map(TrustedAuthorities::options).ifPresent(options::setTrustOptions);
        endpoint.clientKeys().map(ClientKeys::options).ifPresent(options::setKeyCertOptions);
        HttpPatience patience =
                endpoint.requestTimeout().map(HttpPatience.USUAL::within).orElse(HttpPatience.USUAL);
        return open(endpoint, connections, patience, options);
    }

    static OpenAiHttp open(OpenAiEndpoint endpoint, int connections, HttpPatience patience, HttpClientOptions options) {
        options.setDefaultHost(endpoint.base().getHost())
                .setDefaultPort(endpoint.port())
                .setSsl(endpoint.isEncrypted())
                .setConnectTimeout((int) patience.connect().toMillis())
                .setSslHandshakeTimeout(patience.connect().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) patience.idle().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setHttp2KeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setHttp2MultiplexingLimit(MULTIPLEXED_A_CONNECTION)
                .setInitialSettings(options.getInitialSettings().setInitialWindowSize(REPLY_WINDOW_BYTES))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                .setTcpKeepAlive(true);
        if (endpoint.isEncrypted()) {
            options.setProtocolVersion(HttpVersion.HTTP_2).setUseAlpn(true);
        }
        return new OpenAiHttp(endpoint, patience, options, connections);
    }

    public OpenAiEndpoint endpoint() {
        return endpoint;
    }

    /**
     * @param path behind the base URL, for example {@code /embeddings}
     * @return a reply with status 2xx, whole
     * @throws OpenAiException with what went wrong in every other case
     */
    public OpenAiReply post(String path, byte[] json) throws OpenAiException, InterruptedException {
        return post(path, Map.of(), json);
    }

    /** As {@link #post}, with more headers. */
    public OpenAiReply post(String path, Map<String, String> headers, byte[] json)
            throws OpenAiException, InterruptedException {
        return whole(new Exchange(HttpMethod.POST, path), request -> {
            headers.forEach(request::putHeader);
            request.putHeader("content-type", "application/json");
            return request.send(Buffer.buffer(json));
        });
    }

    /** As {@link #post}. */
    public OpenAiReply get(String path) throws OpenAiException, InterruptedException {
        return whole(new Exchange(HttpMethod.GET, path), HttpClientRequest::send);
    }

    /** As {@link #post}. */
    public OpenAiReply delete(String path) throws OpenAiException, InterruptedException {
        return whole(new Exchange(HttpMethod.DELETE, path), HttpClientRequest::send);
    }

    /**
     * Sends a file and fields as a form; the file is read from the disk as it is sent.
     *
     * @param filename that the server gets to see
     */
    public OpenAiReply upload(String path, Map<String, String> fields, Path file, String filename)
            throws OpenAiException, InterruptedException {
        // Only what is received counts against the idle time of a request; the connection's own counts both ways.
        Exchange exchange = new Exchange(HttpMethod.POST, path, patience.upload(), patience.upload());
        return whole(exchange, request -> {
            ClientMultipartForm form = ClientMultipartForm.multipartForm();
            fields.forEach(form::attribute);
            form.binaryFileUpload("file", filename, "application/jsonl", file.toString());
            return request.send(form);
        });
    }

    /** As {@link #post}, with a file as it is, read from the disk as it is sent. */
    public OpenAiReply send(String path, Map<String, String> headers, Path file)
            throws OpenAiException, InterruptedException {
        Exchange exchange = new Exchange(HttpMethod.POST, path, patience.upload(), patience.upload());
        return whole(
                exchange,
                request -> vertx.fileSystem()
                        .open(file.toString(), new OpenOptions().setWrite(false).setCreate(false))
                        .compose(content -> content.size()
                                .compose(bytes -> {
                                    headers.forEach(request::putHeader);
                                    request.putHeader("content-type", "application/jsonl");
                                    request.putHeader("content-length", Long.toString(bytes));
                                    return request.send(content);
                                })
                                .onComplete(_ -> content.close())));
    }

    /**
     * A body as it comes in, never held as a whole: reading slowly slows the server down. A body that ends early fails with an
     * IOException in the middle, as does one that stands still for too long.
     */
    public InputStream download(String path) throws OpenAiException, InterruptedException {
        Answer<Object> answer = answer(
                new Exchange(HttpMethod.GET, path),
                HttpClientRequest::send,
                response -> isGood(response)
                        ? Future.succeededFuture(new BodyStream(response))
                        : reply(response).map(reply -> reply));
        Exchange exchange = answer.exchange();
        return switch (answer.content()) {
            case BodyStream body -> plain(exchange, body);
            case OpenAiReply reply ->
                throw new OpenAiException(exchange.kinds().of(exchange.what(), plain(exchange, reply)));
            case Object other -> throw new IllegalStateException(other.toString());
        };
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private OpenAiReply whole(Exchange first, Sending sending) throws OpenAiException, InterruptedException {
        Answer<OpenAiReply> answer = answer(first, sending, this::reply);
        OpenAiReply reply = plain(answer.exchange(), answer.content());
        if (reply.status() / 100 != 2 || OpenAiError.isIn(reply)) {
            throw new OpenAiException(
                    answer.exchange().kinds().of(answer.exchange().what(), reply));
        }
        return reply;
    }

    /** What a request brought, and the request itself: the first one, or the same with other secrets. */
    private record Answer<T>(Exchange exchange, T content) {}

    private <T> Answer<T> answer(Exchange first, Sending sending, Function<HttpClientResponse, Future<T>> reading)
            throws OpenAiException, InterruptedException {
        T content = first.await(first.begin(sending, reading));
        if (content instanceof OpenAiReply reply && REFUSALS.contains(reply.status()) && renew(first.endpoint)) {
            Exchange again = first.again();
            return new Answer<>(again, again.await(again.begin(sending, reading)));
        }
        return new Answer<>(first, content);
    }

    /**
     * Gets the secrets as they are by now, where those at hand were not taken or are near their end: one request does it for all.
     *
     * @return whether there are other ones
     */
    private boolean renew(OpenAiEndpoint former) throws OpenAiException, InterruptedException {
        renewing.lockInterruptibly();
        try {
            if (endpoint == former) {
                former.renewed().ifPresent(renewed -> endpoint = renewed);
            }
            return endpoint != former;
        } finally {
            renewing.unlock();
        }
    }

    private OpenAiEndpoint current() throws OpenAiException, InterruptedException {
        OpenAiEndpoint now = endpoint;
        if (now.isSpent()) {
            renew(now);
        }
        return endpoint;
    }

    private static OpenAiReply plain(Exchange exchange, OpenAiReply reply) throws OpenAiException {
        try {
            return new OpenAiReply(reply.status(), reply.headers(), GzipBody.plain(reply.body(), LONGEST_BODY));
        } catch (IOException e) {
            throw exchange.trouble(e);
        }
    }

    private static InputStream plain(Exchange exchange, BodyStream body) throws OpenAiException {
        try {
            return GzipBody.plain(body);
        } catch (IOException e) {
            body.close();
            throw exchange.trouble(e);
        }
    }

    private Future<OpenAiReply> reply(HttpClientResponse response) {
        return WholeBody.of(response, LONGEST_BODY)
                .map(body -> new OpenAiReply(response.statusCode(), headers(response), body.getBytes()));
    }

    private static boolean isGood(HttpClientResponse response) {
        return response.statusCode() / 100 == 2;
    }

    private static Map<String, String> headers(HttpClientResponse response) {
        Map<String, String> headers = new HashMap<>();
        response.headers()
                .forEach(header -> headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        return headers;
    }

    /** Sends the body of a request. */
    private interface Sending {
        Future<HttpClientResponse> send(HttpClientRequest request);
    }

    /** One request, which is given up when it takes too long or its thread is interrupted. */
    private final class Exchange {
        private final OpenAiEndpoint endpoint;
        private final HttpMethod method;
        private final String path;
        private final Duration idle;
        private final Duration whole;
        private final AtomicReference<HttpClientRequest> sent = new AtomicReference<>();
        private final CompletableFuture<Void> connected = new CompletableFuture<>();
        private volatile boolean givenUp;

        Exchange(HttpMethod method, String path) throws OpenAiException, InterruptedException {
            this(method, path, patience.idle(), patience.whole());
        }

        Exchange(HttpMethod method, String path, Duration idle, Duration whole)
                throws OpenAiException, InterruptedException {
            this.endpoint = current();
            this.method = method;
            this.path = path;
            this.idle = idle;
            this.whole = whole;
        }

        /** The same request, with the secrets as they are by now. */
        Exchange again() throws OpenAiException, InterruptedException {
            return new Exchange(method, path, idle, whole);
        }

        FailureKinds kinds() {
            return new FailureKinds(endpoint, Clock.systemUTC());
        }

        String what() {
            int query = path.indexOf('?');
            return "%s %s%s".formatted(method, endpoint, query < 0 ? path : path.substring(0, query));
        }

        /** @param reading begins on the event loop: by the time another thread came to it, the body would have flowed away */
        <T> Future<T> begin(Sending sending, Function<HttpClientResponse, Future<T>> reading) {
            RequestOptions options = new RequestOptions()
                    .setMethod(method)
                    .setURI(endpoint.uri(path))
                    .setFollowRedirects(false)
                    // Vert.x counts the wait for a connection that others take; making one has its own limit.
                    .setConnectTimeout(patience.turn().toMillis())
                    .setIdleTimeout(idle.toMillis())
                    .putHeader("accept", "application/json")
                    // Vectors hardly shrink, and compressing them takes the server longer than sending them.
                    .putHeader("accept-encoding", "identity")
                    .putHeader("user-agent", "embedding-operator");
            endpoint.headers().forEach(options::putHeader);
            endpoint.secrets().forEach(secret -> options.putHeader(secret.name(), secret.value()));
            return client.request(options)
                    .onFailure(connected::completeExceptionally)
                    .compose(request -> {
                        sent.set(request);
                        connected.complete(null);
                        request.exceptionHandler(_ -> {});
                        if (givenUp) {
                            request.reset();
                        }
                        return sending.send(request).compose(reading);
                    });
        }

        <T> T await(Future<T> result) throws OpenAiException, InterruptedException {
            try {
                connected.get();
                return result.toCompletionStage().toCompletableFuture().get(whole.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw trouble(e.getCause());
            } catch (TimeoutException e) {
                giveUp();
                throw trouble(new IOException("no whole reply within %d s".formatted(whole.toSeconds())));
            } catch (InterruptedException e) {
                giveUp();
                throw e;
            }
        }

        private void giveUp() {
            givenUp = true;
            HttpClientRequest request = sent.get();
            if (request != null) {
                request.reset();
            }
        }

        private OpenAiException trouble(Throwable cause) {
            Optional<String> remedy = Optional.of(TrustedAuthorities.REMEDY)
                    .filter(_ -> ConnectionFault.isOfCertificate(cause, endpoint.base()))
                    .or(() -> Optional.of(ClientKeys.REMEDY).filter(_ -> ConnectionFault.isOfClient(cause)));
            HttpClientRequest request = sent.get();
            String clause = proxy.filter(_ -> request == null && remedy.isEmpty())
                    .map(between -> "the proxy %s:%d makes no connection, %s"
                            .formatted(between.getHost(), between.getPort(), words(cause)))
                    .orElseGet(() -> ConnectionFault.clause(cause, endpoint.base()));
            String sentence = "%s failed: %s".formatted(what(), endpoint.withoutSecrets(clause));
            // A server that asks for a certificate judges it before it reads a request that comes with it.
            boolean received = request != null && remedy.isEmpty() && !refused.contains(request, cause);
            return new OpenAiException(new OpenAiFailure.NetworkTrouble(received, remedy, sentence), cause);
        }

        private static String words(Throwable cause) {
            String message = cause.getMessage();
            return message == null || message.isBlank() ? "and does not say why" : message;
        }
    }
}
