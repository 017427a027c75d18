package io.embeddingoperator.operator.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.embeddingoperator.operator.config.HttpSettings;
import io.embeddingoperator.operator.config.OperatorVariable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers {@code /healthz}, {@code /readyz} and {@code /metrics} on one port, reading only. */
public final class HealthServer implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService answering;

    private HealthServer(HttpServer server, ExecutorService answering) {
        this.server = server;
        this.answering = answering;
    }

    /**
     * Opens the port.
     *
     * @param metrics the metrics in Prometheus' text format
     */
    public static HealthServer start(HttpSettings settings, Health health, Supplier<String> metrics) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(settings.port()), 0);
            ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor();
            server.setExecutor(answering);
            server.createContext("/healthz", unlessAny(health::ailments));
            server.createContext("/readyz", unlessAny(health::obstacles));
            server.createContext("/metrics", exchange -> answer(exchange, 200, PROMETHEUS, metrics.get()));
            server.start();
            return new HealthServer(server, answering);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "port %d cannot be opened: %s; set %s to a free one"
                            .formatted(settings.port(), e.getMessage(), OperatorVariable.HTTP_PORT),
                    e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        answering.close();
    }

    private static HttpHandler unlessAny(Supplier<List<String>> troubles) {
        return exchange -> {
            List<String> sentences = troubles.get();
            if (sentences.isEmpty()) {
                answer(exchange, 200, TEXT, "ok\n");
            } else {
                answer(exchange, 503, TEXT, String.join("\n", sentences) + "\n");
            }
        };
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
