package io.embeddingoperator.operator.server;

import io.embeddingoperator.http.Answer;
import io.embeddingoperator.http.StatusPort;
import io.embeddingoperator.operator.config.HttpSettings;
import io.embeddingoperator.operator.config.OperatorVariable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Answers {@code /healthz}, {@code /readyz} and {@code /metrics} on one port, reading only. */
public final class HealthServer implements AutoCloseable {
    private final StatusPort port;

    private HealthServer(StatusPort port) {
        this.port = port;
    }

    /**
     * Opens the port.
     *
     * @param metrics the metrics in Prometheus' text format
     */
    public static HealthServer start(HttpSettings settings, Health health, Supplier<String> metrics) {
        try {
            return new HealthServer(StatusPort.open(
                    address(settings),
                    Map.of(
                            "/healthz", () -> unlessAny(health.problems()),
                            "/readyz", () -> unlessAny(health.obstacles()),
                            "/metrics", () -> Answer.metrics(metrics.get()))));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "port %d cannot be opened: %s; set %s to a free one, or %s to an address of this host"
                            .formatted(
                                    settings.port(),
                                    e.getMessage(),
                                    OperatorVariable.HTTP_PORT,
                                    OperatorVariable.HTTP_ADDRESS),
                    e);
        }
    }

    private static InetSocketAddress address(HttpSettings settings) {
        if (settings.address().isEmpty()) {
            return new InetSocketAddress(settings.port());
        }
        return new InetSocketAddress(settings.address(), settings.port());
    }

    public int port() {
        return port.port();
    }

    @Override
    public void close() {
        port.close();
    }

    private static Answer unlessAny(List<String> troubles) {
        return troubles.isEmpty() ? Answer.text(200, "ok\n") : Answer.text(503, String.join("\n", troubles) + "\n");
    }
}
