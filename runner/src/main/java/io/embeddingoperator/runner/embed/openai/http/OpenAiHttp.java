package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.runner.failure.ConnectionFault;
import io.embeddingoperator.runner.http.BlockingWebClient;
import io.embeddingoperator.runner.http.SystemProxy;
import io.embeddingoperator.runner.http.WebExchange;
import io.embeddingoperator.runner.http.WebReply;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.multipart.MultipartForm;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;

/**
 * Talks to an endpoint over HTTP/1.1 or 2, whichever the server chooses. Calls block the calling thread, which is best a
 * virtual one; they are not retried here, and no redirect is followed, since that could carry the key elsewhere. Safe for
 * concurrent use.
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
    private final BlockingWebClient client;
    private final ReentrantLock renewing = new ReentrantLock();

    /** Another one once a secret was rotated. */
    private volatile OpenAiEndpoint endpoint;

    private OpenAiHttp(OpenAiEndpoint endpoint, HttpPatience patience, HttpClientOptions options, int connections) {
        this.endpoint = endpoint;
        this.patience = patience;
        this.proxy = Optional.ofNullable(options.getProxyOptions());
        this.client = new BlockingWebClient(
                options,
                new PoolOptions()
                        .setHttp1MaxSize(connections)
                        .setHttp2MaxSize(Math.ceilDiv(connections, MULTIPLEXED_A_CONNECTION)),
                connection -> {
                    refused.watch(connection);
                    if (endpoint.clientKeys().isPresent() && connection.isSsl()) {
                        ClientKeys.forget(connection.sslSession());
                    }
                });
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
            return request.sendBuffer(Buffer.buffer(json));
        });
    }

    /** As {@link #post}. */
    public OpenAiReply get(String path) throws OpenAiException, InterruptedException {
        return whole(new Exchange(HttpMethod.GET, path), HttpRequest::send);
    }

    /** As {@link #post}. */
    public OpenAiReply delete(String path) throws OpenAiException, InterruptedException {
        return whole(new Exchange(HttpMethod.DELETE, path), HttpRequest::send);
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
        MultipartForm form = MultipartForm.create();
        fields.forEach(form::attribute);
        form.binaryFileUpload("file", filename, file.toString(), "application/jsonl");
        return whole(exchange, request -> request.sendMultipartForm(form));
    }

    /** As {@link #post}, with a file as it is, read from the disk as it is sent. */
    public OpenAiReply send(String path, Map<String, String> headers, Path file)
            throws OpenAiException, InterruptedException {
        Exchange exchange = new Exchange(HttpMethod.POST, path, patience.upload(), patience.upload());
        return whole(exchange, request -> {
            headers.forEach(request::putHeader);
            return client.file(file).send(request.putHeader("content-type", "application/jsonl"));
        });
    }

    /**
     * A body as it comes in, never held as a whole: reading slowly slows the server down. A body that ends early fails with an
     * IOException in the middle, as does one that stands still for too long.
     */
    public InputStream download(String path) throws OpenAiException, InterruptedException {
        Answer answer = answer(new Exchange(HttpMethod.GET, path), HttpRequest::send, OpenAiHttp::isGood);
        Exchange exchange = answer.exchange();
        return switch (answer.reply()) {
            case WebReply.Streamed streamed -> plain(exchange, streamed);
            case WebReply.Whole whole ->
                throw new OpenAiException(exchange.kinds().of(exchange.what(), plain(exchange, whole)));
        };
    }

    @Override
    public void close() {
        client.close();
    }

    private OpenAiReply whole(Exchange first, WebExchange.Sending sending)
            throws OpenAiException, InterruptedException {
        Answer answer = answer(first, sending, _ -> false);
        OpenAiReply reply = plain(answer.exchange(), (WebReply.Whole) answer.reply());
        if (!isGood(reply.status()) || OpenAiError.isIn(reply)) {
            throw new OpenAiException(
                    answer.exchange().kinds().of(answer.exchange().what(), reply));
        }
        return reply;
    }

    /** What a request brought, and the request itself: the first one, or the same with other secrets. */
    private record Answer(Exchange exchange, WebReply reply) {}

    private Answer answer(Exchange first, WebExchange.Sending sending, IntPredicate streamed)
            throws OpenAiException, InterruptedException {
        WebReply reply = first.send(sending, streamed);
        if (REFUSALS.contains(reply.status()) && renew(first.endpoint)) {
            Exchange again = first.again();
            return new Answer(again, again.send(sending, streamed));
        }
        return new Answer(first, reply);
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

    private static OpenAiReply plain(Exchange exchange, WebReply.Whole reply) throws OpenAiException {
        try {
            return new OpenAiReply(
                    reply.status(),
                    headers(reply.headers()),
                    GzipBody.plain(reply.body().getBytes(), LONGEST_BODY));
        } catch (IOException e) {
            throw exchange.trouble(e);
        }
    }

    private static InputStream plain(Exchange exchange, WebReply.Streamed reply) throws OpenAiException {
        try {
            return GzipBody.plain(reply.body());
        } catch (IOException e) {
            throw exchange.trouble(e);
        }
    }

    private static boolean isGood(int status) {
        return status / 100 == 2;
    }

    private static Map<String, String> headers(MultiMap all) {
        Map<String, String> headers = new HashMap<>();
        all.forEach(header -> headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        return headers;
    }

    /** One request, with the secrets that it was made with. */
    private final class Exchange {
        private final OpenAiEndpoint endpoint;
        private final HttpMethod method;
        private final String path;
        private final Duration idle;
        private final Duration whole;
        private final WebExchange exchange;

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
            this.exchange = client.exchange(method, endpoint.uri(path));
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

        private HttpRequest<Buffer> shaped(HttpRequest<Buffer> request) {
            // Vert.x counts the wait for a connection that others take; making one has its own limit.
            request.connectTimeout(patience.turn().toMillis())
                    .idleTimeout(idle.toMillis())
                    .putHeader("accept", "application/json")
                    // Vectors hardly shrink, and compressing them takes the server longer than sending them.
                    .putHeader("accept-encoding", "identity");
            endpoint.headers().forEach(request::putHeader);
            endpoint.secrets().forEach(secret -> request.putHeader(secret.name(), secret.value()));
            return request;
        }

        WebReply send(WebExchange.Sending sending, IntPredicate streamed) throws OpenAiException, InterruptedException {
            try {
                return exchange.reply(request -> sending.send(shaped(request)), streamed, LONGEST_BODY, whole);
            } catch (ExecutionException e) {
                throw trouble(Objects.requireNonNull(e.getCause()));
            }
        }

        private OpenAiException trouble(Throwable cause) {
            Optional<String> remedy = Optional.of(TrustedAuthorities.REMEDY)
                    .filter(_ -> ConnectionFault.isOfCertificate(cause, endpoint.base()))
                    .or(() -> Optional.of(ClientKeys.REMEDY).filter(_ -> ConnectionFault.isOfClient(cause)));
            Optional<HttpClientRequest> request = exchange.sent();
            String clause = proxy.filter(_ -> request.isEmpty() && remedy.isEmpty())
                    .map(between -> "the proxy %s:%d makes no connection, %s"
                            .formatted(between.getHost(), between.getPort(), words(cause)))
                    .orElseGet(() -> ConnectionFault.clause(cause, endpoint.base()));
            String sentence = "%s failed: %s".formatted(what(), endpoint.withoutSecrets(clause));
            // A server that asks for a certificate judges it before it reads a request that comes with it.
            boolean received = remedy.isEmpty()
                    && request.filter(sent -> !refused.contains(sent, cause)).isPresent();
            return new OpenAiException(new OpenAiFailure.NetworkTrouble(received, remedy, sentence), cause);
        }

        private static String words(Throwable cause) {
            String message = cause.getMessage();
            return message == null || message.isBlank() ? "and does not say why" : message;
        }
    }
}
