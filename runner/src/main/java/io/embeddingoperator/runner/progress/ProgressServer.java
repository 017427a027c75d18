package io.embeddingoperator.runner.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.http.Answer;
import io.embeddingoperator.http.StatusPort;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.Supplier;

/** Answers {@code /progress}, {@code /metrics} and {@code /healthz} on one port, reading only. */
public final class ProgressServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final StatusPort port;

    private ProgressServer(StatusPort port) {
        this.port = port;
    }

    /** @param address whose port may be 0 for a free one */
    public static ProgressServer start(
            InetSocketAddress address, Supplier<Progress> progress, Supplier<String> metrics) {
        try {
            return new ProgressServer(StatusPort.open(
                    address,
                    Map.of(
                            "/progress", () -> Answer.json(json(progress.get())),
                            "/metrics", () -> Answer.metrics(metrics.get()),
                            "/healthz", () -> Answer.text(200, "ok"))));
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
        return port.port();
    }

    @Override
    public void close() {
        port.close();
    }

    private static String json(Progress progress) {
        try {
            return JSON.writeValueAsString(progress);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a progress record is always JSON", e);
        }
    }
}
