package io.embeddingoperator.runner.serve;

import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code POST /v1/embeddings} and {@code GET /v1/models} as OpenAI does, so that its clients work unchanged, and
 * {@code /healthz} and {@code /metrics}.
 */
public final class EmbeddingPort implements AutoCloseable {
    /** Stands for all that decides a document's vector, on every reply: equal fingerprints, equal spaces. */
    static final String FINGERPRINT_HEADER = "x-embedding-fingerprint";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingPort.class);
    private static final int IDLE_SECONDS = 75;

    /** A status that no client sees, as nginx counts it. */
    private static final int CLIENT_GONE = 499;

    /** Kubernetes kills a pod 30 s after it asked. */
    private static final int DRAIN_SECONDS = 20;

    private final ServedModel model;
    private final String fingerprint;
    private final ServeLimits limits;
    private final EndpointMetrics metrics;
    private final FairQueue queue;
    private final EmbeddingWorkers workers;
    private final Vertx vertx;
    private final HttpServer server;
    private volatile boolean ending;

    private EmbeddingPort(InetSocketAddress address, ServedModel model, ServeLimits limits) {
        this.model = model;
        this.fingerprint = model.fingerprint();
        this.limits = limits;
        int concurrency = model.embedder().concurrency();
        Pace pace = new Pace(concurrency);
        metrics = new EndpointMetrics(concurrency);
        queue = new FairQueue(model.embedder().batchLimits(), limits.queue(), pace);
        metrics.watch(queue);
        workers = new EmbeddingWorkers(queue, model.embedder(), pace, metrics);
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(address.getAddress().getHostAddress())
                        .setPort(address.getPort())
                        .setIdleTimeout(IDLE_SECONDS)
                        .setHttp2ClearTextEnabled(false)
                        .setDecompressionSupported(true))
                .requestHandler(this::answer);
    }

    /**
     * Opens the port.
     *
     * @param address whose port may be 0 for a free one
     * @throws UnavailableException when it cannot be opened
     */
    public static EmbeddingPort open(InetSocketAddress address, ServedModel model, ServeLimits limits) {
        EmbeddingPort port = new EmbeddingPort(address, model, limits);
        try {
            port.server.listen().toCompletionStage().toCompletableFuture().join();
            return port;
        } catch (CompletionException e) {
            port.close();
            throw new UnavailableException(
                    "%s port %d cannot be opened: %s; set --port to a free one and --address to an address of this machine"
                            .formatted(
                                    address.getAddress().getHostAddress(),
                                    address.getPort(),
                                    Objects.requireNonNull(e.getCause()).getMessage()),
                    e);
        }
    }

    /** The one that is open. */
    public int port() {
        return server.actualPort();
    }

    /** Takes no connection any more, answers what was asked, and returns. */
    @Override
    public void close() {
        ending = true;
        try {
            server.shutdown(DRAIN_SECONDS, TimeUnit.SECONDS)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } finally {
            workers.close();
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private void answer(HttpServerRequest request) {
        String path = request.path();
        boolean reads = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
        if (path.equals("/v1/embeddings") && request.method() == HttpMethod.POST) {
            embed(request);
        } else if (path.equals("/v1/models") && reads) {
            send(request, 200, new JsonObject().put("object", "list").put("data", new JsonArray().add(described())));
        } else if (path.startsWith("/v1/models/")
                && reads
                && model.names().contains(path.substring("/v1/models/".length()))) {
            send(request, 200, described());
        } else if (path.equals("/healthz") && reads) {
            text(request, ending ? 503 : 200, "text/plain", ending ? "ending" : "ok");
        } else if (path.equals("/metrics") && reads) {
            text(request, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape());
        } else {
            refuse(
                    request,
                    RefusedRequestException.of(
                            404,
                            "path",
                            "%s %s is not served here: use POST /v1/embeddings or GET /v1/models."
                                    .formatted(request.method(), path)));
        }
    }

    private JsonObject described() {
        return new JsonObject()
                .put("id", model.name())
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "embedding-operator")
                .put("dimensions", model.embedder().dimensions())
                .put("max_tokens", model.embedder().tokenizer().maxTokens())
                .put("metric", model.embedder().metric().name())
                .put("fingerprint", fingerprint);
    }

    private void embed(HttpServerRequest request) {
        long start = System.nanoTime();
        Context context = vertx.getOrCreateContext();
        body(request)
                .compose(body -> vertx.executeBlocking(() -> wait(body), false))
                .compose(waiting -> {
                    dropWithClient(waiting.request(), request.response());
                    Promise<byte[]> reply = Promise.promise();
                    CompletionStage<?> _ = waiting.request().result().whenComplete((vectors, failure) -> {
                        if (failure == null) {
                            byte[] json = EmbeddingReply.json(
                                    model.name(), vectors, waiting.request().tokens(), waiting.base64());
                            context.runOnContext(_ -> reply.complete(json));
                        } else {
                            context.runOnContext(_ -> reply.fail(failure));
                        }
                    });
                    return reply.future();
                })
                .onComplete(reply -> {
                    int status;
                    if (reply.cause() instanceof CancellationException) {
                        status = CLIENT_GONE;
                    } else if (reply.succeeded()) {
                        status = 200;
                        response(request, status, "application/json").end(Buffer.buffer(reply.result()));
                    } else {
                        status = refuse(request, reply.cause());
                    }
                    metrics.answered(status, Duration.ofNanos(System.nanoTime() - start));
                });
    }

    /** @param base64 as the client wants its vectors */
    private record Waiting(WaitingRequest request, boolean base64) {}

    /** Queues what a request asks for. */
    private Waiting wait(Buffer body) throws RefusedRequestException {
        EmbeddingRequest request = EmbeddingRequest.read(body.getBytes(), model, limits);
        Tokenizer tokenizer = model.embedder().tokenizer(request.type());
        List<TokenizedText> texts = new ArrayList<>();
        for (String text : request.texts()) {
            TokenizedText tokenized = tokenizer.tokenize(text);
            if (tokenized.truncated() && !request.truncate()) {
                throw RefusedRequestException.invalid(
                        "input",
                        "input[%d] is longer than the %d tokens that the model reads: shorten it, or set \"truncate\": true."
                                .formatted(texts.size(), tokenizer.maxTokens()));
            }
            texts.add(tokenized);
        }
        WaitingRequest waiting = new WaitingRequest(texts, request.type());
        queue.add(waiting);
        return new Waiting(waiting, request.base64());
    }

    /** Once the client is gone, what it asked for is not worked on. */
    private void dropWithClient(WaitingRequest request, HttpServerResponse response) {
        Handler<Void> drop = _ -> {
            if (request.result().cancel(false)) {
                queue.drop(request);
            }
        };
        response.closeHandler(drop);
        if (response.closed()) {
            drop.handle(null);
        }
    }

    private Future<Buffer> body(HttpServerRequest request) {
        Promise<Buffer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (body.length() + part.length() <= limits.requestBytes()) {
                body.appendBuffer(part);
            } else {
                whole.tryFail(RefusedRequestException.of(
                        413,
                        "body",
                        "The body is longer than %d bytes: send its texts in several requests."
                                .formatted(limits.requestBytes())));
            }
        });
        request.endHandler(_ -> whole.tryComplete(body));
        request.exceptionHandler(whole::tryFail);
        return whole.future();
    }

    private int refuse(HttpServerRequest request, Throwable failure) {
        RefusedRequestException refused = switch (failure) {
            case RefusedRequestException known -> known;
            default -> {
                LOG.warn("a request could not be answered", failure);
                yield RefusedRequestException.failed("The endpoint failed: its log says why.", failure);
            }
        };
        refuse(request, refused);
        return refused.status();
    }

    private void refuse(HttpServerRequest request, RefusedRequestException refused) {
        refused.retryAfter()
                .ifPresent(after ->
                        request.response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(after.toSeconds())));
        send(
                request,
                refused.status(),
                new JsonObject()
                        .put(
                                "error",
                                new JsonObject()
                                        .put("message", refused.getMessage())
                                        .put("type", refused.type())
                                        .put("param", refused.field().orElse(null))
                                        .putNull("code")));
    }

    private void send(HttpServerRequest request, int status, JsonObject json) {
        response(request, status, "application/json").end(json.toBuffer());
    }

    private void text(HttpServerRequest request, int status, String type, String text) {
        response(request, status, type).end(text);
    }

    private HttpServerResponse response(HttpServerRequest request, int status, String type) {
        HttpServerResponse response = request.response();
        response.exceptionHandler(gone -> LOG.debug("a client went away", gone));
        return response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(FINGERPRINT_HEADER, fingerprint);
    }
}
