package io.embeddingoperator.runner.progress;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Answers {@code /progress}, {@code /metrics} and {@code /healthz} on one port, reading only. */
public final class ProgressServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;

    private ProgressServer(HttpServer server) {
        this.server = server;
    }

    /** @param address whose port may be 0 for a free one */
    public static ProgressServer start(InetSocketAddress address, ProgressTracker progress, RunnerMetrics metrics) {
        try {
            HttpServer server = HttpServer.create(address, 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext(
                    "/progress",
                    exchange -> answer(exchange, "application/json", JSON.writeValueAsString(progress.snapshot())));
            server.createContext(
                    "/metrics",
                    exchange -> answer(exchange, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
            server.createContext("/healthz", exchange -> answer(exchange, "text/plain; charset=utf-8", "ok"));
            server.start();
            return new ProgressServer(server);
        } catch (IOException e) {
            throw new UnavailableException(
                    "%s port %d for /progress cannot be opened: %s; set %s to a free port and %s to an address of this machine"
                            .formatted(
                                    address.getAddress().getHostAddress(),
                                    address.getPort(),
                                    e.getMessage(),
                                    EnvironmentVariable.HTTP_PORT,
                                    EnvironmentVariable.HTTP_ADDRESS),
                    e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, String type, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
