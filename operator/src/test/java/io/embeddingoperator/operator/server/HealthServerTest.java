package io.embeddingoperator.operator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.http.StatusPort;
import io.embeddingoperator.operator.config.HttpSettings;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthServerTest {
    private static final Health WELL = health(List.of(), List.of());

    @Test
    void aHealthyOperatorSaysSo() throws Exception {
        try (HealthServer server = HealthServer.start(new HttpSettings("", 0), WELL, () -> "a_metric 1\n")) {
            assertThat(get(server, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(server, "/readyz").statusCode()).isEqualTo(200);
            assertThat(get(server, "/metrics").body()).isEqualTo("a_metric 1\n");
        }
    }

    @Test
    void whatIsWrongIsSaid() throws Exception {
        Health ill = health(List.of("the informer Pod has stopped"), List.of("the operator is starting"));
        try (HealthServer server = HealthServer.start(new HttpSettings("", 0), ill, () -> "")) {
            HttpResponse<String> alive = get(server, "/healthz");
            HttpResponse<String> ready = get(server, "/readyz");

            assertThat(alive.statusCode()).isEqualTo(503);
            assertThat(alive.body()).isEqualTo("the informer Pod has stopped\n");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).isEqualTo("the operator is starting\n");
        }
    }

    @Test
    void aProbeIsHeardWhileAClientHoldsHalfSentRequests() throws Exception {
        List<Socket> held = new ArrayList<>();
        try (HealthServer server = HealthServer.start(new HttpSettings("127.0.0.1", 0), WELL, () -> "")) {
            for (int count = 0; count < StatusPort.CONNECTIONS + 50; count++) {
                Socket socket = new Socket("127.0.0.1", server.port());
                socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nX-A: ".getBytes(StandardCharsets.US_ASCII));
                held.add(socket);
            }

            assertThat(get(server, "/healthz").statusCode()).isEqualTo(200);
            // and the server closed the oldest of them
            held.getFirst().setSoTimeout(10_000);
            assertThat(held.getFirst().getInputStream().read()).isEqualTo(-1);
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        try (HealthServer first = HealthServer.start(new HttpSettings("", 0), WELL, () -> "")) {
            assertThatThrownBy(() -> HealthServer.start(new HttpSettings("", first.port()), WELL, () -> ""))
                    .hasMessageContaining("port %d cannot be opened".formatted(first.port()))
                    .hasMessageContaining("OPERATOR_HTTP_PORT");
        }
    }

    private static HttpResponse<String> get(HealthServer server, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private static Health health(List<String> problems, List<String> obstacles) {
        return new Health() {
            @Override
            public List<String> problems() {
                return problems;
            }

            @Override
            public List<String> obstacles() {
                return obstacles;
            }
        };
    }
}
