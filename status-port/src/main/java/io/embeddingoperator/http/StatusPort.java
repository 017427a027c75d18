package io.embeddingoperator.http;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Answers GET on a few paths, reading only, to all clients that can reach the port: no client can keep it from answering others. A
 * connection takes one request and lives for {@link #LIFE} at the longest, of its headers, its body and its answer together;
 * {@link #CONNECTIONS} are open at a time, of which the oldest makes way for a new one. A request's body is never read.
 */
public final class StatusPort implements AutoCloseable {
    /** Probes, scrapers and the operator itself need a handful; more than these are held by a client that does no good. */
    public static final int CONNECTIONS = 256;

    /** From the first packet to the last: a probe has a second, a scraper most often 10. */
    public static final Duration LIFE = Duration.ofSeconds(10);

    private static final int LONGEST_LINE = 2_048;
    private static final int LONGEST_HEADERS = 8_192;

    /** Answers that are made at the same time: what they read is in memory. */
    private static final int ANSWERING = 2;

    private final Vertx vertx;
    private final HttpServer server;
    private final OpenConnections open;
    private final Map<String, Supplier<Answer>> answers;

    private StatusPort(
            InetSocketAddress address, Map<String, Supplier<Answer>> answers, int connections, Duration life) {
        this.answers = Map.copyOf(answers);
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(ANSWERING)
                .setInternalBlockingPoolSize(1)
                // Nothing is read from the classpath, and a container's file system may be read-only.
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        this.open = new OpenConnections(vertx, connections, life);
        this.server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(address.getAddress().getHostAddress())
                        .setPort(address.getPort())
                        .setHttp2ClearTextEnabled(false)
                        .setMaxInitialLineLength(LONGEST_LINE)
                        .setMaxHeaderSize(LONGEST_HEADERS))
                .connectionHandler(open::admit)
                .requestHandler(this::answer);
    }

    /**
     * Opens the port.
     *
     * @param address whose port may be 0 for a free one
     * @param answers by path
     * @throws IOException when it cannot be opened
     */
    public static StatusPort open(InetSocketAddress address, Map<String, Supplier<Answer>> answers) throws IOException {
        return open(address, answers, CONNECTIONS, LIFE);
    }

    static StatusPort open(
            InetSocketAddress address, Map<String, Supplier<Answer>> answers, int connections, Duration life)
            throws IOException {
        StatusPort port = new StatusPort(address, answers, connections, life);
        try {
            port.server.listen().toCompletionStage().toCompletableFuture().join();
            return port;
        } catch (CompletionException e) {
            port.close();
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new IOException(cause.getMessage(), cause);
        }
    }

    /** The one that is open. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void answer(HttpServerRequest request) {
        if (!open.isFirstRequest(request.connection())) {
            return;
        }
        Supplier<Answer> path = answers.get(request.path());
        if (path == null) {
            write(request, Answer.text(404, "not found\n"));
        } else if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            write(request, Answer.text(405, "use GET\n"));
        } else {
            vertx.executeBlocking(path::get, false)
                    .onComplete(
                            answer -> write(request, answer),
                            _ -> write(request, Answer.text(500, "no answer could be made\n")));
        }
    }

    private static void write(HttpServerRequest request, Answer answer) {
        // The connection's time may have ended meanwhile, which is no news.
        if (request.response().closed()) {
            return;
        }
        if (request.version() != HttpVersion.HTTP_1_0) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        request.response()
                .setStatusCode(answer.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, answer.type())
                .end(answer.body())
                .onComplete(_ -> request.connection().close());
    }
}
